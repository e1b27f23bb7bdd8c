import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { sequential } from "../../../src/core/dialects/dialect.ts";
import { npr, threadweaver, threadweaverConclusion } from "../../../src/core/dialects/bundled/index.ts";
import { validateFormat } from "../../../src/core/validation/validate.ts";
import { runs } from "../drive.ts";
import { formats } from "../scenarios.ts";
import { transcripts } from "../transcripts.ts";
import { released, concluded, tidyText, told } from "./support.ts";

describe("well formed are", () => {
  it("the trajectories that the authors train on", () => {
    expect(validateFormat(threadweaver, released)).toEqual([]);
    expect(validateFormat(threadweaverConclusion, concluded)).toEqual([]);
  });

  it("the 60 texts that the bundled model was seen to write", () => {
    for (const { prompt, text } of transcripts.slice(0, runs(60))) {
      expect(validateFormat(threadweaver, text.slice(prompt.length))).toEqual([]);
    }
  });

  it.each(formats)("all texts that a model of %s writes without a mistake", (_, dialect, flavour) => {
    let forks = 0;
    fc.assert(
      fc.property(fc.nat(), (seed) => {
        const tidy = tidyText(dialect, flavour, seed);
        forks += tidy.forks;
        expect(told(dialect, tidy.text)).toEqual([]);
      }),
      { numRuns: runs(150) },
    );
    expect(forks).toBeGreaterThan(0);
  });

  it.each([
    ["nothing", ""],
    ["a text without forks", "think, <b>3 < 4</b>\n</think> done"],
    ["any white space between the parts", concluded.replaceAll(/(?<=>)\n(?=<)/g, " \n\t ")],
    ["none at all", concluded.replaceAll(/(?<=>)\n|\n(?=<)/g, "")],
    [
      "a text that ends behind its threads, closed",
      `${concluded.slice(0, 294)}\n<Conclusion>\n</Conclusion>\n</Parallel>`,
    ],
  ])("%s", (_, text) => {
    expect(told(threadweaverConclusion, text)).toEqual([]);
  });

  it("a step that forks, to the last level", () => {
    const nest = (depth: number): string =>
      depth === 0
        ? "x"
        : `<guideline>\n<plan>1: a</plan>\n</guideline>\n<step>\n1:${nest(depth - 1)}</step>\n<takeaway>\nt</takeaway>`;
    expect(told(npr, nest(5))).toEqual([]);
    expect(told(npr, nest(6))).toEqual([
      "<guideline>\n| forks are 5 levels deep at most",
      "<step>\n1:x</| thread 1 is not closed by </step>",
      "<step>\n1:x</| thread 1 appears a second time",
      "</step>\n<tak| </step> closes nothing",
    ]);
  });

  it("a text that ends behind its steps", () => {
    expect(told(npr, "<guideline><plan>1: a</plan></guideline><step>1:x</step>")).toEqual([]);
  });

  it("texts of a sequential twin, whose forks are not read", () => {
    expect(validateFormat(sequential(threadweaver), released)).toEqual([]);
    expect(told(sequential(threadweaver), released.replace("</Parallel>", ""))).toEqual([
      "<Parallel>\n<| <Parallel> is never closed",
    ]);
  });
});

describe("a tag that is missing is told of, where one sees it", () => {
  const without = (tag: string, nth = 0) => {
    const at = [...concluded.matchAll(new RegExp(tag, "g"))][nth]?.index ?? -1;
    return concluded.slice(0, at) + concluded.slice(at + tag.length);
  };

  it.each<[tag: string, nth: number, problems: string[]]>([
    ["<Parallel>", 0, ["<Outlines>\n<| a plan outside <Parallel>", "</Parallel>\n| </Parallel> closes nothing"]],
    [
      "<Outlines>",
      0,
      [
        "<Outline>1: | <Outline> outside <Outlines>",
        "<Outline>2: | <Outline> outside <Outlines>",
        "</Outlines>\n| </Outlines> closes nothing",
      ],
    ],
    [
      "<Outline>",
      1,
      [
        "<Outlines>\n<| the plan has 1 <Outline>, 2 </Outline> and 1 readable item",
        "</Outline>\n<| </Outline> closes nothing",
        "<Thread>\n2: | thread 2 is not in the plan",
      ],
    ],
    [
      "</Outline>",
      1,
      [
        "<Outlines>\n<| the plan has 2 <Outline>, 1 </Outline> and 2 readable items",
        "<Outline>2: | <Outline> is still open at </Outlines>",
      ],
    ],
    [
      "</Outlines>",
      0,
      [
        "<Outlines>\n<| <Outlines> is still open at </Parallel>",
        "<Thread>\n1: | <Thread> outside the threads of a plan",
        "<Thread>\n2: | <Thread> outside the threads of a plan",
      ],
    ],
    ["<Thread>", 0, ['1: (x-2)(x-3| a thread must begin with "<Thread>\\n1:"']],
    ["<Thread>", 1, ['2: D = 25 - | a thread must begin with "<Thread>\\n2:"']],
    ["</Thread>", 0, ["<Thread>\n2: | thread 1 is not closed by </Thread>"]],
    [
      "</Thread>",
      1,
      [
        "</Parallel>\n| thread 2 is not closed by </Thread>",
        '</Parallel>\n| the threads must be followed by "\\n<Conclusion>\\n"',
      ],
    ],
    [
      "<Conclusion>",
      0,
      [
        '\n\nBoth route| the threads must be followed by "\\n<Conclusion>\\n"',
        'Both routes | text directly in <Parallel>: "Both routes give 2 and 3.\\n"',
        "</Conclusion| </Conclusion> closes nothing",
      ],
    ],
    ["</Conclusion>", 0, ["<Conclusion>| <Conclusion> is still open at </Parallel>"]],
    [
      "</Parallel>",
      0,
      [
        "<Parallel>\n<| <Parallel> is never closed",
        'The larger r| text directly in <Parallel>: "The larger root is 3.\\n"',
      ],
    ],
    ["</Parallel>", 1, ["<Parallel>\n<| <Parallel> is never closed"]],
  ])("%s number %i", (tag, nth, problems) => {
    expect(told(threadweaverConclusion, without(tag, nth))).toEqual(problems);
  });
});
