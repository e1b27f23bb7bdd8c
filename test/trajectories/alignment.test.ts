import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { threadweaver } from "../../src/core/dialects/bundled/index.ts";
import { align } from "../../src/trajectories/alignment/align.ts";
import { assemble } from "../../src/trajectories/assembly/assemble.ts";
import type { AssembledText } from "../../src/trajectories/assembly/written.ts";
import { runs } from "../core/drive.ts";
import { dialectNames, drawn, seeds, traceOf, type Drawn } from "./sources.ts";

/** Replaces a part of the text outside of insertions, as a wrong assembly would, and moves what stands after it. */
function tampered(made: AssembledText, at: number, length: number, put: string): AssembledText | undefined {
  const inside = made.insertions.some(({ start, end }) => start < at + length && end > at);
  if (inside || at + length > made.text.length) return undefined;
  const moved = put.length - length;
  const insertions = made.insertions.map((one) =>
    one.start >= at + length && one.start >= at ? { ...one, start: one.start + moved, end: one.end + moved } : one,
  );
  return { ...made, text: made.text.slice(0, at) + put + made.text.slice(at + length), insertions };
}

const withoutInsertions = ({ text, insertions }: AssembledText) => {
  let left = "";
  let at = 0;
  for (const { start, end, instead } of insertions) {
    left += text.slice(at, start) + instead;
    at = end;
  }
  return left + text.slice(at);
};

describe.each(dialectNames)("the proof for %s refuses", (_, dialect) => {
  it("any text that is lost, changed or added without an entry of the ledger, and says at which line", () => {
    let refusals = 0;
    fc.assert(
      fc.property(
        seeds,
        fc.nat(),
        fc.integer({ min: 0, max: 12 }),
        fc.constantFrom("", "x", "\n"),
        (seed, where, length, put) => {
          const one = drawn(dialect, seed);
          fc.pre(one !== undefined);
          const made = assemble(one.parts).value!;
          const wrong = tampered(made, where % made.text.length, length, put);
          fc.pre(wrong !== undefined && withoutInsertions(wrong) !== withoutInsertions(made));
          const { faults } = align(one.parts.trace, one.parts.ledger, wrong);
          expect(faults.map(({ code }) => code)).toEqual(["unaccounted"]);
          expect(faults[0]?.lines?.first).toBeGreaterThanOrEqual(1);
          expect(faults[0]?.lines?.last).toBeLessThanOrEqual(one.parts.trace.lines.length);
          refusals += 1;
        },
      ),
      { numRuns: runs(150) },
    );
    expect(refusals).toBeGreaterThan(50);
  });

  it("a trajectory whose ledger lacks an entry, or has one too many", () => {
    let refusals = 0;
    fc.assert(
      fc.property(seeds, (seed) => {
        const one = drawn(dialect, seed);
        fc.pre(one !== undefined && one.parts.ledger.length > 0);
        const { trace, ledger } = one.parts;
        const made = assemble(one.parts).value!;
        expect(align(trace, ledger.slice(1), made).faults).not.toEqual([]);
        const untouched = assemble({ ...one.parts, ledger: ledger.slice(1) }).value!;
        expect(align(trace, ledger, untouched).faults).not.toEqual([]);
        refusals += 1;
      }),
      { numRuns: runs(60) },
    );
    expect(refusals).toBeGreaterThan(5);
  });
});

describe("the proof names", () => {
  const parts = ((): Drawn["parts"] => {
    const trace = traceOf(threadweaver, ["a", "b is long", "c", "d"], true)!;
    const steps = [1, 2, 3, 4].map((n) => ({ title: `${n}`, first: n, last: n }));
    const threads = [
      { first: 2, last: 2 },
      { first: 3, last: 3 },
    ];
    return { dialect: threadweaver, trace, steps, blocks: [{ threads, outlines: ["b", "c"] }], ledger: [] };
  })();
  const at = (text: string) => parts.trace.text.indexOf(text);

  it("the line that is missing", () => {
    const made = assemble(parts).value!;
    const wrong = tampered(made, made.text.indexOf("\n1: ") + "\n1: ".length, "b is long".length, "")!;
    const [fault] = align(parts.trace, [], wrong).faults;
    expect(fault).toMatchObject({ code: "unaccounted", lines: { first: 2, last: 2 } });
    expect(fault?.message).toMatch(/^Line 2 of the source: expected "b is long\\nc/);
  });

  it("what became of each line, and where it stands", () => {
    const ledger = [
      { at: at(" is long"), removed: " is", inserted: " was", reason: "r" },
      { at: at("d\n</think>"), removed: "d", inserted: "", reason: "r" },
    ];
    const made = assemble({ ...parts, ledger }).value!;
    const lines = align(parts.trace, ledger, made).value!;
    expect(lines.map(({ fate }) => fate)).toEqual(["unchanged", "changed", "unchanged", "dropped"]);
    expect(lines.map(({ start, end }) => made.text.slice(start, end))).toEqual(["a", "b was long", "c", ""]);
    expect(lines.map(({ entries }) => entries)).toEqual([[], [0], [], [1]]);
  });

  it("an entry of the ledger that has no reason, is not in the source, or changes what another one changes", () => {
    const faultsOf = (...entries: { at: number; removed: string; reason?: string }[]) =>
      align(
        parts.trace,
        entries.map((one) => ({ inserted: "", reason: "r", ...one })),
        assemble(parts).value!,
      ).faults;
    expect(faultsOf({ at: at("b is"), removed: "b", reason: " " })[0]?.message).toMatch(/has no reason/);
    expect(faultsOf({ at: at("b is"), removed: "x" })[0]?.message).toMatch(/takes out "x", which does not stand there/);
    expect(faultsOf({ at: 0, removed: "" })[0]?.message).toMatch(/takes nothing out/);
    const twice = { at: at("b is"), removed: "b is" };
    expect(faultsOf(twice, twice)[0]?.message).toMatch(/Change 2 of the ledger.*what another one changes/);
  });

  it("an insertion that hides text, or has a tag", () => {
    const made = assemble(parts).value!;
    const [first] = made.insertions;
    const hidden = { ...made, insertions: [{ ...first!, start: first!.start - 1 }, ...made.insertions.slice(1)] };
    expect(align(parts.trace, [], hidden).faults[0]?.message).toMatch(/has more than tags and numbers of threads/);
    const tagged = { ...made, insertions: made.insertions.map((one) => ({ ...one, kind: "outline" as const })) };
    expect(align(parts.trace, [], tagged).faults[0]?.message).toMatch(/^Insertion 1 \(outline\).*has a tag/);
    const mixed = { ...made, insertions: made.insertions.toReversed() };
    expect(align(parts.trace, [], mixed).faults[0]?.message).toMatch(/is not after the one before it/);
  });
});
