import { describe, expect, it } from "vitest";
import { npr, threadweaver } from "../../../src/core/dialects/bundled/index.ts";
import { readPlan, type Plan } from "../../../src/core/machine/plan.ts";

const ids = ({ items }: Plan) => items.map(({ captures }) => captures["id"]);
const item = (id: string, index: string, text: string) => ({ captures: { id, index }, text });
const codes = ({ problems }: Plan) => problems.map(({ code }) => code);
const outlines = (...lines: string[]) => `\n${lines.map((l) => `<Outline>${l}</Outline>\n`).join("")}`;
const read = (scope: string | undefined) => readPlan(threadweaver.plan, scope);

it("what a plan says of a thread is the text of its item, up to what closes the item", () => {
  const texts = (scope: string) => read(scope).items.map(({ text }) => text);
  expect(texts("<Outline>1: the odd ones\n</Outline> more <Outline>2:<Outline>3: last")).toEqual([
    "the odd ones",
    "",
    "last",
  ]);
  const named = { source: "outline", after: "", item: "#{id:int}:{text};", onEmpty: "end" } as const;
  expect(readPlan(named, "#1: a ;#2:b;").items.map(({ text }) => text)).toEqual(["a", "b"]);
});

describe("an outline", () => {
  it("gives an item for each readable line, in order, with its number and its index", () => {
    expect(read(outlines("1: a", " 2 : b", "\n3\n: c"))).toEqual({
      items: [item("1", "1", "a"), item("2", "2", "b"), item("3", "3", "c")],
      problems: [],
    });
  });

  it("may have one item", () => {
    expect(read(outlines("1: a"))).toEqual({ items: [item("1", "1", "a")], problems: [] });
  });

  it("may have hundreds", () => {
    const plan = read(outlines(...Array.from({ length: 500 }, (_, i) => `${i + 1}: x`)));
    expect(ids(plan)).toEqual(Array.from({ length: 500 }, (_, i) => `${i + 1}`));
    expect(plan.problems).toEqual([]);
  });

  it("keeps hierarchical numbers as they are, and asks for none between them", () => {
    const plan = read(outlines("1.1: a", "1.3: b", "2: c"));
    expect(ids(plan)).toEqual(["1.1", "1.3", "2"]);
    expect(plan.problems).toEqual([]);
  });

  it("counts the first of several items with one number, and says so for each of the others", () => {
    const plan = read(outlines("2: a", "1: b", "2: c", "2: d"));
    expect(plan.items).toEqual([item("2", "1", "a"), item("1", "2", "b")]);
    expect(plan.problems).toEqual([
      { code: "plan-duplicate", message: "the plan declares 2 more than once; the first one counts" },
      { code: "plan-duplicate", message: "the plan declares 2 more than once; the first one counts" },
    ]);
  });

  it("tells 1 and 01 apart", () => {
    expect(ids(read(outlines("1: a", "01: b")))).toEqual(["1", "01"]);
  });

  it.each([
    ["2, 3", ["2: a", "3: b"], "1"],
    ["1, 3", ["1: a", "3: b"], "2"],
    ["3, 1", ["3: a", "1: b"], "2"],
    ["5", ["5: a"], "1"],
  ])("misses a number of %s", (listed, lines, missing) => {
    expect(read(outlines(...lines)).problems).toEqual([
      { code: "plan-gap", message: `the plan's numbers are ${listed}: ${missing} is missing` },
    ]);
  });

  it("misses no number where the ids are words, though they may be digits", () => {
    const plan = { source: "outline", after: "", item: "#{id:word};", onEmpty: "end" } as const;
    expect(readPlan(plan, "#9;#7;").problems).toEqual([]);
    const named = { source: "outline", after: "", item: "#{text}:{id:int};", onEmpty: "end" } as const;
    expect(codes(readPlan(named, "#a:2;#b:3;"))).toEqual(["plan-gap"]);
  });

  it("may be numbered in any order, and from 0 on", () => {
    expect(read(outlines("2: a", "1: b")).problems).toEqual([]);
    expect(read(outlines("0: a", "1: b")).problems).toEqual([]);
    expect(read(outlines("0: a", "5: b")).problems).toEqual([]);
  });

  it("can be empty, without a problem of its own", () => {
    expect(read("\n")).toEqual({ items: [], problems: [] });
  });

  it("passes over what has no number, and says that tags and items differ", () => {
    const plan = read(outlines("no number", "1: a", "-2: b", "1..2: c"));
    expect(ids(plan)).toEqual(["1"]);
    expect(plan.problems).toEqual([
      { code: "plan-tags", message: "the plan has 4 <Outline>, 4 </Outline> and 1 readable item" },
    ]);
  });

  it("reads an item that is not closed, or that is closed twice, and says so", () => {
    const open = read("<Outline>1: a\n<Outline>2: b</Outline>");
    expect(ids(open)).toEqual(["1", "2"]);
    expect(open.problems).toEqual([
      { code: "plan-tags", message: "the plan has 2 <Outline>, 1 </Outline> and 2 readable items" },
    ]);
    expect(codes(read("<Outline>1: a</Outline></Outline>"))).toEqual(["plan-tags"]);
    expect(codes(read("<Outline><Outline>1: a</Outline>"))).toEqual(["plan-tags"]);
  });

  it("counts duplicates as items where it counts tags", () => {
    expect(codes(read(outlines("1: a", "1: b")))).toEqual(["plan-duplicate"]);
  });

  it("has all its problems told", () => {
    expect(codes(read(`${outlines("2: a", "2: b")}<Outline>`))).toEqual(["plan-duplicate", "plan-gap", "plan-tags"]);
  });

  it("was never begun where there is no scope", () => {
    expect(read(undefined)).toEqual({
      items: [],
      problems: [{ code: "plan-without-opener", message: "a plan ended, but there is no <Outlines> before it" }],
    });
    expect(readPlan(npr.plan, undefined).problems[0]?.message).toBe(
      "a plan ended, but there is no <guideline> before it",
    );
  });

  it("needs no tags", () => {
    const plan = readPlan(
      { source: "outline", after: "", item: "#{id:word} {n:int};", onEmpty: "end" },
      "#b 1;#a 2;# ;",
    );
    expect(plan).toEqual({
      items: [
        { captures: { id: "b", n: "1", index: "1" }, text: "" },
        { captures: { id: "a", n: "2", index: "2" }, text: "# ;" },
      ],
      problems: [],
    });
  });

  it("numbers the items of a pattern without an id by nothing: they are all the same one", () => {
    const plan = readPlan({ source: "outline", after: "", item: "#{n:int};", onEmpty: "end" }, "#1;#2;");
    expect(plan.items).toEqual([{ captures: { n: "1", index: "1" }, text: "" }]);
  });
});

it("a fixed plan has as many items as it says, whatever the text", () => {
  expect(readPlan({ source: "fixed", count: 3 }, undefined)).toEqual({
    items: [item("1", "1", ""), item("2", "2", ""), item("3", "3", "")],
    problems: [],
  });
});

it("an inline plan declares nothing beforehand", () => {
  expect(readPlan({ source: "inline" }, "<FORK-1>a</FORK-1>")).toEqual({ items: [], problems: [] });
});
