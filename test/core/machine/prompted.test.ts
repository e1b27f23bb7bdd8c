import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { skeleton, threadweaver } from "../../../src/core/dialects/bundled/index.ts";
import { defineDialect } from "../../../src/core/dialects/dialect.ts";
import { validateFormat } from "../../../src/core/validation/validate.ts";
import { runs } from "../drive.ts";
import { play } from "../play.ts";
import { endingOf, threadEndings } from "./support.ts";

const plan = "<plan>\n1. odd\n2. even\n</plan>";
const good = { "0/1.1": [" seven\n</step>"], "0/1.2": [" five\n</step>"] };

describe("a thread that begins what is not its own to write", () => {
  it.each([
    ["another thread's part", " seven\n</step2 <step>\n2. even"],
    ["the text after the join", " seven\n</step2 <answer>\nTwelve."],
    ["the header of another thread, without its tag", " seven\n</step2 \n2. even\nfive"],
  ])("ends before it: %s", (_, text) => {
    const played = play(skeleton, { ...good, "0": [plan, "Twelve."], "0/1.1": [text] });
    expect(played.text).toContain(
      "<step>\n1. odd\n seven\n</step2 \n</step>\n<step>\n2. even\n five\n</step>\n<answer>\n",
    );
    expect(threadEndings(played)[0]?.[1]).toMatchObject({ kind: "marker" });
    expect(endingOf(played)).toEqual({ kind: "eos" });
    expect(validateFormat(skeleton, played.text)).toEqual([]);
  });

  it("ends before the header of another thread on its first line, since its own header ends with a line feed", () => {
    const played = play(skeleton, { ...good, "0": [plan, "Twelve."], "0/1.1": ["2. even\nfive"] });
    expect(played.text).toContain("<step>\n1. odd\n\n</step>\n<step>\n2. even\n five\n</step>\n<answer>\n");
    expect(threadEndings(played)[0]?.[1]).toEqual({ kind: "marker", marker: "\n2. even" });
  });

  it("may mention another thread's header inside a line", () => {
    const own = "see 2. even\n</step>";
    const played = play(skeleton, { ...good, "0": [plan, "Twelve."], "0/1.1": [own] });
    expect(played.text).toContain(`1. odd\n${own}`);
  });

  it("reads the header of another thread as text where its own text does not begin a line", () => {
    const header = {
      prompt: "\n<step>{id}. {text}: ",
      first: "\n<step>{id}. {text}: ",
      rest: "\n<step>{id}. {text}: ",
    };
    const dialect = defineDialect({ ...skeleton, context: { kind: "prefix", header } });
    const own = "2. even is the other\n</step>";
    const played = play(dialect, { ...good, "0": [plan, "Twelve."], "0/1.1": [own] });
    expect(played.text).toContain(`1. odd: ${own}`);
  });

  it("may number what it writes, and repeat its own header", () => {
    const own = "\n1. odd\n2. seven\n</step>";
    const played = play(skeleton, { ...good, "0": [plan, "Twelve."], "0/1.1": [own] });
    expect(played.text).toContain(own);
    expect(threadEndings(played)[0]?.[1]).toEqual({ kind: "marker", marker: "</step>" });
  });

  it("drops a marker that is one token, too", () => {
    const dialect = defineDialect({ ...threadweaver, thread: { ...threadweaver.thread, endBefore: ["<Thread>"] } });
    const outlines = "<Parallel>\n<Outlines>\n<Outline>1: a</Outline>\n<Outline>2: b</Outline>\n</Outlines>";
    const played = play(dialect, { "0": [outlines, "."], "0/1.1": ["one<Thread>"], "0/1.2": ["two</Thread>"] });
    expect(played.text).toContain("1:one\n</Thread><Thread>\n2:two</Thread>");
    expect(threadEndings(played)[0]?.[1]).toEqual({ kind: "marker", marker: "<Thread>" });
  });

  it("leaves each thread closed, and none with a part of another, whatever is written", () => {
    const bit = fc.constantFrom(
      "a",
      "\n",
      " ",
      "<step>",
      "</step>",
      "<answer>",
      "<plan>",
      "1. odd",
      "2. even",
      "\n2. even",
    );
    const said = fc.array(bit, { maxLength: 12 }).map((bits) => bits.join(""));
    fc.assert(
      fc.property(said, said, (one, two) => {
        const played = play(skeleton, { "0": [plan, "."], "0/1.1": [one], "0/1.2": [two] });
        const { state, text } = played;
        expect(endingOf(played)).toEqual({ kind: "eos" });
        expect(state.sequences).toHaveLength(3);
        const [, first = "", second = ""] = text.split("\n<step>\n");
        expect(text.split("<step>")).toHaveLength(3);
        expect(first).toMatch(/^1\. odd\n[^<]*<\/step>$/);
        expect(first).not.toContain("\n2. even");
        expect(second).toMatch(/^2\. even\n[^<]*<\/step>\n<answer>\n\.$/);
      }),
      { numRuns: runs(300) },
    );
  });
});

describe("a plan that cannot be read", () => {
  const bad = "<plan>\n- odd\n- even\n</plan>";
  const { repair } = skeleton.plan.source === "outline" ? skeleton.plan : {};

  it("may be written again, after a word from the runtime", () => {
    const played = play(skeleton, { ...good, "0": [bad, plan, "Twelve."] });
    expect(played.text).toMatch(`${bad}${repair}${plan}\n<step>`);
    expect(played.state.forks).toHaveLength(1);
    expect(played.warnings.map(({ code }) => code)).toEqual(["plan-empty"]);
  });

  it("is not repaired twice: the text goes on without threads, and a warning says why", () => {
    const played = play(skeleton, { "0": [bad, bad, "Twelve."] });
    expect(played.text).toBe(`Q\n${bad}${repair}${bad}Twelve.`);
    expect(played.warnings.map(({ code }) => code)).toEqual(["plan-empty", "plan-empty"]);
    expect(endingOf(played)).toEqual({ kind: "eos" });
  });
});

it("main is kept to the form of a plan in its first call, and in no other", () => {
  const { effects } = play(skeleton, { ...good, "0": [plan, "Twelve."] });
  const kept = effects.flatMap((effect) => (effect.e === "complete" ? [effect.constraint !== undefined] : []));
  expect(kept).toEqual([true, false, false, false]);
});
