import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { apr, npr, threadweaver, threadweaverConclusion } from "../../src/core/dialects/bundled/index.ts";
import { assemble } from "../../src/trajectories/assembly/assemble.ts";
import { blocksCriticalPath } from "../../src/trajectories/dependencies/blocks.ts";
import { filterTrajectory, type FilterOptions } from "../../src/trajectories/filter/filter.ts";
import { textLengths } from "../../src/trajectories/filter/threads.ts";
import { characters } from "../../src/trajectories/steps/lengths.ts";
import { runs } from "../core/drive.ts";
import { concluded, released } from "../core/validation/support.ts";
import { dialectNames, drawn, seeds } from "./sources.ts";

const codesOf = (text: string, more: Partial<FilterOptions> = {}) =>
  filterTrajectory(text, { dialect: threadweaver, reference: "219", ...more }).rejections.map(({ code }) => code);

describe("the filter", () => {
  it("keeps what is well-formed, right, balanced and parallel enough", () => {
    const kept = filterTrajectory(released, { dialect: threadweaver, reference: "219" });
    expect(kept.rejections).toEqual([]);
    expect(kept.answer).toBe("219");
    expect(kept.balance).toBeGreaterThan(0.5);
    expect(kept.gain).toBeGreaterThan(0.05);
    expect(codesOf(concluded, { dialect: threadweaverConclusion, reference: "3", minGain: 0.01 })).toEqual([]);
  });

  it("names every reason", () => {
    expect(codesOf(released, { reference: "218" })).toEqual(["answer"]);
    expect(codesOf(released.replace("\\boxed{219}", "\\boxed{219"))).toEqual(["answer"]);
    expect(codesOf(released.replace("<Thread>\n2:", "2:"), { reference: "1" })).toEqual(
      expect.arrayContaining(["format", "answer"]),
    );
    expect(codesOf("so \\boxed{219}")).toEqual(["sequential"]);
    expect(codesOf("so \\boxed{219}", { allowSequential: true })).toEqual([]);
    expect(codesOf(released, { minBalance: 0.95, minGain: 0.9 })).toEqual(["balance", "gain"]);
    const { rejections } = filterTrajectory(released, { dialect: threadweaver, reference: "219", minGain: 0.9 });
    expect(rejections[0]?.message).toMatch(/^\d+\.\d % of the text is off the critical path, at least 90\.0 %/);
  });

  it("says where a text is not well-formed", () => {
    const wrong = released.replace("<Thread>\n2:", "<Thread>\n3:");
    const { rejections, gain } = filterTrajectory(wrong, { dialect: threadweaver, reference: "219" });
    expect(rejections[0]?.at).toBe(wrong.indexOf("<Thread>\n3:"));
    expect(gain).toBeUndefined();
  });

  it("refuses formats whose finished texts do not say what was written", () => {
    expect(() => codesOf("x", { dialect: apr })).toThrow(/Finished texts of apr do not say/);
  });

  it("counts a block in a thread as a part of it", () => {
    const inner =
      "<guideline>\n<plan>1: a</plan>\n<plan>2: b</plan>\n</guideline>\n<step>\n1: xxxx\n</step>\n<step>\n2: yyyy\n</step>\n<takeaway>\nz\n</takeaway>";
    const outer = inner.replace("xxxx", `xx\n${inner}\nxx`);
    const one = textLengths(npr, inner, characters);
    const two = textLengths(npr, outer, characters);
    expect(one.blocks).toHaveLength(1);
    expect(two.blocks).toHaveLength(2);
    const [shorter = 0, longer = 0] = two.blocks.at(-1)!.toSorted((a, b) => a - b);
    expect(two.criticalPath).toBe(two.total - shorter - one.blocks[0]![1]!);
    expect(longer).toBeGreaterThan(one.criticalPath);
  });
});

describe.each(dialectNames)("what is assembled in %s", (_, dialect) => {
  it("passes for its format, and has the critical path of its blocks", () => {
    fc.assert(
      fc.property(seeds, (seed) => {
        const one = drawn(dialect, seed);
        fc.pre(one !== undefined);
        const { blocks } = one.parts;
        const { text } = assemble({ ...one.parts, ledger: [] }).value!;
        const options = { dialect, reference: "7", minBalance: 0, minGain: 0, allowSequential: true };
        expect(filterTrajectory(text, options).rejections).toEqual([]);
        // Equals signs, which no tag and no white space has.
        const marks = (part: string) => part.split("=").length - 1;
        const { trace, steps } = one.parts;
        const lengths = steps.map(({ first, last }) => marks(trace.lines.slice(first - 1, last).join("\n")));
        const before = marks(`${text.slice(0, trace.from)}${trace.text.slice(trace.to)}`);
        const outside = blocks.reduce((sum, { outlines, summary = "" }) => sum + marks(outlines.join("") + summary), 0);
        const measured = textLengths(dialect, text, marks).criticalPath;
        expect(measured).toBe(blocksCriticalPath(blocks, lengths) + before + outside);
      }),
      { numRuns: runs(100) },
    );
  });
});
