import { describe, expect, it } from "vitest";
import { multiverse } from "../../../src/core/dialects/bundled/index.ts";
import { validateFormat } from "../../../src/core/validation/validate.ts";
import { completesOf, play } from "../play.ts";
import { endingOf, threadEndings } from "./support.ts";

describe("multiverse", () => {
  const goal = (...ids: string[]) =>
    `<Parallel>\n<Goal>\n${ids.map((id) => `<Outline>\n${id}: a\n</Outline>\n`).join("")}</Goal>`;
  const onward = "12 in all.\n</Conclusion>\n</Parallel>\n</Think>\n\nAnswer: 12";

  it("sends these bytes", () => {
    const played = play(multiverse, {
      "0": [goal("1", "2"), onward],
      "0/1.1": [" 7 ways.\n</Path>", "\n"],
      "0/1.2": [" 5 ways.\n</Path>", "\n"],
    });
    const block = `Q\n${goal("1", "2")}\n<Path>\n1: 7 ways.\n</Path>\n<Path>\n2: 5 ways.\n</Path>\n<Conclusion>\n`;
    expect(played.contexts).toEqual({
      "0#0": "Q\n",
      "0/1.1#0": `Q\n${goal("1", "2")}\n<Path>\n1:`,
      "0/1.1#1": `Q\n${goal("1", "2")}\n<Path>\n1: 7 ways.\n</Path>`,
      "0/1.2#0": `Q\n${goal("1", "2")}\n<Path>\n2:`,
      "0/1.2#1": `Q\n${goal("1", "2")}\n<Path>\n2: 5 ways.\n</Path>`,
      "0#1": block,
    });
    expect(played.text).toBe(`${block}${onward}`);
    // Unlike NPR's, its threads are sampled like the main text.
    expect(completesOf(played.effects).map(({ sampling }) => sampling)).toEqual(Array(6).fill(undefined));
    expect(validateFormat(multiverse, `<Think>${played.text.slice(2)}`)).toEqual([]);
  });

  it("lets a path fork again, with hierarchical numbers", () => {
    const played = play(multiverse, {
      "0": [goal("1"), "t</Conclusion>\n</Parallel>"],
      "0/1.1": [`p${goal("1.1", "1.2")}`, "u</Conclusion>\n</Parallel>v</Path>", "\n"],
      "0/1.1/1.1": ["q</Path>", "\n"],
      "0/1.1/1.2": ["r</Path>", "\n"],
    });
    expect(played.text).toBe(
      `Q\n${goal("1")}\n<Path>\n1:p${goal("1.1", "1.2")}\n<Path>\n1.1:q</Path>\n<Path>\n1.2:r</Path>\n` +
        "<Conclusion>\nu</Conclusion>\n</Parallel>v</Path>\n<Conclusion>\nt</Conclusion>\n</Parallel>",
    );
    expect(validateFormat(multiverse, played.text.slice(2))).toEqual([]);
  });

  it("takes what its vocabulary does not hold as tokens for text", () => {
    const lines = { "0": [goal("1"), "end"], "0/1.1": ["x</Path> never read", "\n"] };
    const played = play(multiverse, lines, { mode: "spelled" });
    expect(played.text).toBe(`Q\n${goal("1")}\n<Path>\n1:x</Path>\n<Conclusion>\nend`);
  });

  it("goes on after a goal without a readable outline, and after one that is too deep", () => {
    const played = play(multiverse, { "0": ["<Parallel>\n<Goal>\n</Goal>", "end"] });
    expect(played.codes).toEqual(["plan-empty"]);
    expect(endingOf(played)).toEqual({ kind: "eos" });
    const flat = { "0": [goal("1"), "end"], "0/1.1": [goal("1"), "x</Path>", "\n"] };
    expect(play(multiverse, flat, { limits: { depth: 1 } }).text).toContain(`1:${goal("1")}x</Path>`);
  });

  it("closes a path that does not close itself, and the block where it ends at the join", () => {
    const played = play(
      multiverse,
      { "0": [goal("1")], "0/1.1": ["abcdef</Path>"] },
      { interrupt: ({ sequences: [, path] }) => (path?.tokens === 2 ? { t: "stop" } : undefined), chance: () => 0 },
    );
    expect(threadEndings(played)).toEqual([["0/1.1", { kind: "cut", by: "parentCut" }]]);
    expect(played.text).toMatch(/\n<Path>\n1:ab\n<\/Path>\n<Conclusion>\n<\/Conclusion>\n<\/Parallel>$/);
  });
});
