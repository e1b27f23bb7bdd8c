import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { skeleton, threadweaver } from "../../../src/core/dialects/bundled/index.ts";
import { constraintOf } from "../../../src/core/dialects/plan-form.ts";
import { dialects } from "../../../src/core/dialects/bundled/index.ts";
import { readPlan } from "../../../src/core/machine/plan.ts";

const formOf = (name: string) => {
  const plan = dialects[name]?.plan;
  if (plan?.source !== "outline" || plan.form === undefined) throw new Error(`${name} has no form`);
  return { plan, form: plan.form };
};
const whole = (name: string) => new RegExp(`^(?:${constraintOf(formOf(name).form).regex})$`, "u");
const planOf = (...items: string[]) => `<plan>\n${items.map((item, n) => `${n + 1}. ${item}\n`).join("")}</plan>`;

describe("the form of a plan, as a regular expression", () => {
  it.each([
    ["two items", planOf("odd", "even")],
    ["five items", planOf("a", "b", "c", "d", "e")],
    ["special characters", planOf("64*27 (a|b)?", "[x] – naïve € \\n")],
    ["a direct answer", "Paris, and nothing else."],
    ["a direct answer of several lines", "One.\n\n<b>Two</b>.\n"],
  ])("takes %s", (_, text) => expect(text).toMatch(whole("skeleton")));

  it.each([
    ["one item", planOf("odd")],
    ["six items", planOf("a", "b", "c", "d", "e", "f")],
    ["an empty item", planOf("", "b")],
    ["a wrong number", "<plan>\n1. a\n3. b\n</plan>"],
    ["a plan that is not closed", "<plan>\n1. a\n2. b\n"],
    ["text after the plan", `${planOf("a", "b")}\n`],
    ["an item that is too long", planOf("a".repeat(121), "b")],
    ["another tag", "<step>\n1. a"],
  ])("does not take %s", (_, text) => expect(text).not.toMatch(whole("skeleton")));

  it.each(["skeleton", "threadweaver-prompted"])("describes plans that %s reads, item by item", (name) => {
    const { plan, form } = formOf(name);
    const [least, most] = form.items;
    const text = fc.string({ minLength: 1, maxLength: 20 }).filter((item) => /^[^\n<>\s]+$/.test(item));
    fc.assert(
      fc.property(fc.array(text, { minLength: least, maxLength: most }), (items) => {
        const lines = items.map((item, n) => form.item.replace("{id}", `${n + 1}`).replace("{text}", () => item));
        const written = `${form.begin}${lines.join("")}${form.end}`;
        expect(written).toMatch(whole(name));
        const scope = written.slice(written.indexOf(plan.after) + plan.after.length);
        const { items: read, problems } = readPlan(plan, scope);
        expect(read.map((item) => item.text)).toEqual(items);
        expect(problems).toEqual([]);
      }),
    );
  });

  it("is written as a grammar, too", () => {
    const form = { begin: "<plan>\n", item: "{id}. {text}\n", end: "</plan>", items: [1, 2], maxText: 9 } as const;
    expect(constraintOf(form).gbnf).toBe(
      String.raw`root ::= ( "<plan>\n"  "1. " [^\n]{1,9} "\n" ( "2. " [^\n]{1,9} "\n" )? "</plan>" |[^<] [^\x00]*)`,
    );
  });

  it("belongs to dialects that work by prompt", () => {
    expect(skeleton.plan).toHaveProperty("form");
    expect(threadweaver.plan).not.toHaveProperty("form");
  });
});
