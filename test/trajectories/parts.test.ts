import { describe, expect, it } from "vitest";
import { apr, npr, threadweaver, threadweaverConclusion } from "../../src/core/dialects/bundled/index.ts";
import { assemble } from "../../src/trajectories/assembly/assemble.ts";
import type { AssemblyParts } from "../../src/trajectories/assembly/parts.ts";
import { traceOf } from "./sources.ts";

const trace = traceOf(threadweaver, ["a", "b", "c", " ", "e", "f"], true)!;
const steps = trace.lines.map((_, i) => ({ title: `${i + 1}`, first: i + 1, last: i + 1 }));
const threads = (...ranges: [number, number][]) => ranges.map(([first, last]) => ({ first, last }));
const outlines = ["one", "two"];
const parts: AssemblyParts = {
  dialect: threadweaver,
  trace,
  steps,
  blocks: [{ threads: threads([2, 2], [3, 3]), outlines }],
  ledger: [],
};
const change = (removed: string, inserted: string) => ({
  at: trace.text.indexOf(removed),
  removed,
  inserted,
  reason: "r",
});

describe("parts that cannot be assembled are refused by name", () => {
  it.each<[string, Partial<AssemblyParts>, string, RegExp]>([
    ["steps with a gap", { steps: steps.slice(1) }, "gap", /^No step has line 1/],
    ["one thread", { blocks: [{ threads: threads([2, 3]), outlines: ["x"] }] }, "block", /^Block 1 has fewer than two/],
    [
      "threads apart",
      { blocks: [{ threads: threads([1, 1], [3, 3]), outlines }] },
      "block",
      /thread 2 has steps 3 to 3/,
    ],
    ["threads in another order", { blocks: [{ threads: threads([3, 3], [2, 2]), outlines }] }, "block", /thread 2/],
    ["a step that there is not", { blocks: [{ threads: threads([6, 6], [7, 7]), outlines }] }, "block", /thread 2/],
    [
      "blocks that share a step",
      { blocks: [parts.blocks[0]!, { threads: threads([3, 3], [5, 5]), outlines }] },
      "block",
      /^Block 2/,
    ],
    [
      "too few outlines",
      { blocks: [{ threads: threads([2, 2], [3, 3]), outlines: ["x"] }] },
      "outlines",
      /2 threads and 1 outlines/,
    ],
    [
      "an empty outline",
      { blocks: [{ threads: threads([2, 2], [3, 3]), outlines: ["x", " "] }] },
      "outline",
      /outline 2 is empty/,
    ],
    [
      "an outline of two lines",
      { blocks: [{ threads: threads([2, 2], [3, 3]), outlines: ["x\ny", "z"] }] },
      "outline",
      /outline 1 has several lines/,
    ],
    [
      "an outline with a tag",
      { blocks: [{ threads: threads([2, 2], [3, 3]), outlines: ["x", "</Outlines>"] }] },
      "outline",
      /has the tag <\/Outlines>/,
    ],
    ["a summary where there is none", { blocks: [{ ...parts.blocks[0]!, summary: "s" }] }, "summary", /does not have/],
    ["no summary where there is one", { dialect: threadweaverConclusion }, "summary", /its summary is empty/],
    [
      "a change across threads",
      { ledger: [change("b\nc", "x")] },
      "ledger",
      /^Change 1 of the ledger.*not inside one thread/,
    ],
    [
      "a change of what is not there",
      { ledger: [{ ...change("b", ""), removed: "z" }] },
      "ledger",
      /does not stand there/,
    ],
    ["a change that writes a tag", { ledger: [change("b", "<Thread>")] }, "format", /<Thread>|thread/],
    ["a change that leaves a thread empty", { ledger: [change("b", "")] }, "format", /thread 1 is empty/],
    [
      "a thread without text",
      { blocks: [{ threads: threads([4, 4], [5, 5]), outlines }] },
      "format",
      /thread 1 is empty/,
    ],
  ])("%s", (_, more, code, message) => {
    const { value, faults } = assemble({ ...parts, ...more });
    expect(value).toBeUndefined();
    expect(faults[0]).toMatchObject({ code });
    expect(faults[0]?.message).toMatch(message);
  });

  it("more threads than the format has", () => {
    const six = threads([1, 1], [2, 2], [3, 3], [4, 4], [5, 5], [6, 6]);
    const blocks = [{ threads: six, outlines: six.map(({ first }) => `${first}`), summary: "s" }];
    expect(assemble({ ...parts, dialect: npr, blocks }).faults[0]?.message).toMatch(/has 6 threads: npr has at most 5/);
  });

  it("a format in which no trajectory can be written", () => {
    expect(() => assemble({ ...parts, dialect: apr })).toThrow(
      /No trajectory can be written in apr. Choose one of threadweaver,/,
    );
  });
});
