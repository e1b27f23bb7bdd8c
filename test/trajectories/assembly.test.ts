import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { validateFormat } from "../../src/core/validation/validate.ts";
import { align } from "../../src/trajectories/alignment/align.ts";
import { assemble } from "../../src/trajectories/assembly/assemble.ts";
import { changed } from "../../src/trajectories/edits/ledger.ts";
import { lineStarts, spanOf } from "../../src/trajectories/trace/trace.ts";
import { trajectoryOfText } from "../../src/train/text/parse.ts";
import { trainingUnits } from "../../src/train/units.ts";
import { runs } from "../core/drive.ts";
import { createVocabulary } from "../reference/vocabulary.ts";
import { dialectNames, drawn, seeds, type Drawn } from "./sources.ts";

/** The text of each thread as the source and the ledger have it, by the name of the thread in a run. */
function threadsOf({ parts: { trace, steps, blocks, ledger } }: Drawn): Map<string, string> {
  const starts = lineStarts(trace);
  return new Map(
    blocks.flatMap(({ threads }, b) =>
      threads.map(({ first, last }, t): [string, string] => {
        const span = { first: steps[first - 1]!.first, last: steps[last - 1]!.last };
        const { from, to } = spanOf(starts, span);
        return [`0/${b + 1}.${t + 1}`, changed(trace.text, ledger, from, to)];
      }),
    ),
  );
}

describe.each(dialectNames)("the assembled text in %s", (_, dialect) => {
  it("is well-formed and loses no line, and training reads the same threads from it", async () => {
    const { bos, eos, encode, decode } = createVocabulary({ markers: dialect.markers, merges: [] });
    let forks = 0;
    let changes = 0;
    await fc.assert(
      fc.asyncProperty(seeds, async (seed) => {
        const one = drawn(dialect, seed);
        fc.pre(one !== undefined);
        const { parts } = one;
        const { value, faults } = assemble(parts);
        expect(faults).toEqual([]);
        expect(validateFormat(dialect, value!.text)).toEqual([]);
        const aligned = align(parts.trace, parts.ledger, value!);
        expect(aligned.faults).toEqual([]);
        expect(aligned.value).toHaveLength(parts.trace.lines.length);
        for (const { line, fate, start, end } of aligned.value!) {
          if (fate === "unchanged") expect(value!.text.slice(start, end)).toBe(parts.trace.lines[line - 1]);
        }
        forks += parts.blocks.length;
        changes += parts.ledger.length;

        const tokenizer = { bos, eos: [eos], encode, decode };
        const units = trainingUnits(await trajectoryOfText(value!.text, { dialect, tokenizer, prompt: "Q" }));
        const [stop = ""] = dialect.thread.stop;
        const written = new Map<string, string>();
        for (const { threadId, responseIds, role } of units) {
          if (threadId !== "0" && role === "body") written.set(threadId, decode(responseIds));
        }
        const expected = [...threadsOf(one)].map(([id, text]): [string, string] => [id, ` ${text}\n${stop}`]);
        expect(written).toEqual(new Map(expected));
      }),
      { numRuns: runs(150) },
    );
    expect(forks).toBeGreaterThan(20);
    expect(changes).toBeGreaterThan(20);
  });

  it("is the same for the same parts", () => {
    fc.assert(
      fc.property(seeds, (seed) => {
        const [one, two] = [drawn(dialect, seed), drawn(dialect, seed)];
        fc.pre(one !== undefined && two !== undefined);
        expect(assemble(one.parts)).toEqual(assemble(two.parts));
      }),
      { numRuns: runs(20) },
    );
  });
});
