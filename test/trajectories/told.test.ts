import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { skeleton, threadweaver } from "../../src/core/dialects/bundled/index.ts";
import { threadweaverPrompted } from "../../src/core/dialects/bundled/threadweaver-prompted.ts";
import { validateFormat } from "../../src/core/validation/validate.ts";
import { layouts, hasSummary } from "../../src/trajectories/layout/layout.ts";
import { retold, toldParts, type ToldPart } from "../../src/trajectories/sampling/told.ts";
import { runs } from "../core/drive.ts";

const written = skeleton.instructions!.examples[0]!.assistant;
const parts: readonly ToldPart[] = [
  {
    outlines: ["the price of the pens", "the price of the books"],
    threads: ["12 pens at 3 euros cost 12 * 3 = 36 euros.", "5 books at 14 euros cost 5 * 14 = 70 euros."],
  },
  "Together they cost 36 + 70 = 106 euros.",
];

describe("a text that is told in another format", () => {
  it.each([
    ["skeleton", skeleton, written],
    ["threadweaver-prompted", threadweaverPrompted, threadweaverPrompted.instructions!.examples[0]!.assistant],
  ])("is taken apart into what the model wrote: %s", (_, dialect, text) => {
    expect(toldParts(dialect, text).value).toEqual(parts);
  });

  it("has the same parts again, in every format that can be written", () => {
    const line = fc
      .stringMatching(/^[a-z0-9 +*=.]{1,30}$/)
      .map((text) => text.trim())
      .filter((text) => text !== "");
    const block = fc
      .array(fc.tuple(line, line), { minLength: 2, maxLength: 4 })
      .map((all): ToldPart => ({ outlines: all.map(([outline]) => outline), threads: all.map(([, text]) => text) }));
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.option(line), block, line), { minLength: 1, maxLength: 3 }), (drawn) => {
        const all = drawn.flatMap(([before, one, after]) => [...(before === null ? [] : [before]), one, after]);
        // Two texts beside each other are one.
        const told = all.reduce<ToldPart[]>((list, part) => {
          const last = list.at(-1);
          if (typeof part === "string" && typeof last === "string") list[list.length - 1] = `${last}\n${part}`;
          else list.push(part);
          return list;
        }, []);
        for (const layout of layouts) {
          const summaries = hasSummary(layout) ? drawn.map(() => "all of it") : [];
          const text = retold(told, layout.dialect, summaries);
          expect(validateFormat(layout.dialect, text), layout.dialect.name).toEqual([]);
          if (hasSummary(layout)) continue; // the summary is the model's too
          expect(toldParts(layout.dialect, text).value).toEqual(told);
        }
      }),
      { numRuns: runs(200) },
    );
  });

  it("is refused where marks stand in its texts, or where it is not what its format says", () => {
    const stray = written.replace("36 euros.", "36 euros <plan>.");
    expect(toldParts(skeleton, stray)).toMatchObject({ value: undefined });
    const [fault] = toldParts(threadweaver, "<Parallel>\n<Outlines>\n<Outline>1: a</Outline>\n</Outlines>\n").faults;
    expect(fault?.code).toBe("format");
  });
});
