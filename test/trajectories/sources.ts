import fc from "fast-check";
import type { Dialect } from "../../src/core/dialects/schema.ts";
import { blocksOf } from "../../src/trajectories/dependencies/blocks.ts";
import type { Needs } from "../../src/trajectories/dependencies/graph.ts";
import { applyEdits } from "../../src/trajectories/edits/apply.ts";
import type { AssemblyParts } from "../../src/trajectories/assembly/parts.ts";
import { hasSummary, layoutOf, layouts } from "../../src/trajectories/layout/layout.ts";
import { stepLengths } from "../../src/trajectories/steps/lengths.ts";
import type { Step } from "../../src/trajectories/steps/step.ts";
import { readTrace } from "../../src/trajectories/trace/read.ts";
import type { SourceTrace } from "../../src/trajectories/trace/trace.ts";

export const dialectNames: [string, Dialect][] = layouts.map(({ dialect }) => [dialect.name, dialect]);

const words = [
  "12 * 4 = 48",
  "As found above, ",
  " ",
  "",
  "1:",
  "2: so",
  "<b",
  "a<c>d",
  "{id}",
  "\r",
  "\t",
  "é😀",
  "\ud83d",
  '"[',
  "$1",
  "Wait, ",
];
const line = fc
  .array(fc.oneof({ weight: 3, arbitrary: fc.constantFrom(...words) }, fc.string({ maxLength: 8 })), { maxLength: 4 })
  .map((parts) => parts.join("").replaceAll("\n", ""));
export const lines = fc.array(line, { minLength: 1, maxLength: 24 });

/** A trace of these lines, with its answer; with the marks of thinking or without. */
export function traceOf(dialect: Dialect, body: readonly string[], isMarked: boolean): SourceTrace | undefined {
  const text = isMarked
    ? `<think>\n${body.join("\n")}\n</think>\n\nThe result is \\boxed{7}.`
    : `${body.join("\n")}\nSo \\boxed{7}.`;
  return readTrace(text, { dialect }).value;
}

/** Steps that cover the lines, cut where chance says. */
export function stepsOf(lineCount: number, cuts: readonly boolean[]): Step[] {
  const steps: Step[] = [];
  for (let n = 1; n <= lineCount; n += 1) {
    const last = steps.at(-1);
    if (last === undefined || cuts[n % cuts.length] === true) {
      steps.push({ title: `step ${steps.length + 1}`, first: n, last: n });
    } else steps[steps.length - 1] = { ...last, last: n };
  }
  return steps;
}

/** A graph in which each step needs earlier ones, few enough for blocks. */
function needsOf(count: number, chance: readonly number[]): Needs {
  return Array.from({ length: count }, (_, i) => {
    const draw = chance[i % chance.length] ?? 0;
    return i === 0 || draw % 3 !== 0 ? [] : [1 + (draw % i)];
  });
}

/** Parts of a trajectory, and the graph from which they come. */
export interface Drawn {
  readonly parts: AssemblyParts;
  readonly needs: Needs;
  readonly lengths: readonly number[];
}

export const seeds = fc.record({
  lines,
  isMarked: fc.boolean(),
  cuts: fc.array(fc.boolean(), { minLength: 7, maxLength: 7 }),
  chance: fc.array(fc.nat(1000), { minLength: 11, maxLength: 11 }),
  outline: fc.string({ minLength: 1, maxLength: 12 }).map((text) => `do ${text.replaceAll(/[\r\n]/g, "")}`),
});

/** Undefined where chance drew a tag of a format, or no line. */
export function drawn(
  dialect: Dialect,
  seed: typeof seeds extends fc.Arbitrary<infer T> ? T : never,
): Drawn | undefined {
  const trace = traceOf(dialect, seed.lines, seed.isMarked);
  if (trace === undefined) return undefined;
  const steps = stepsOf(trace.lines.length, seed.cuts);
  const lengths = stepLengths(trace, steps);
  const needs = needsOf(steps.length, seed.chance);
  const layout = layoutOf(dialect);
  const blocks = blocksOf(needs, lengths, { maxThreads: dialect.limits.threads }).map(({ threads }) => ({
    threads,
    outlines: threads.map((_, i) => `${seed.outline}${i}`),
    summary: hasSummary(layout) ? `all of it\n${seed.outline}` : undefined,
  }));
  const ledger = blocks.flatMap(({ threads }, b) =>
    threads.flatMap((thread, t) => {
      const [first, last] = [steps[thread.first - 1]?.first ?? 1, steps[thread.last - 1]?.last ?? 1];
      const own = trace.lines.slice(first - 1, last).join("\n");
      const draw = seed.chance[(b + t) % seed.chance.length] ?? 0;
      const at = draw % Math.max(1, own.length);
      const old = own.slice(at, at + 1 + (draw % 9));
      const edits = [{ old, new: draw % 2 === 0 ? "" : "as\nknown", reason: "it refers to a sibling" }];
      return applyEdits(trace, { first, last }, edits, { dialect, maxShare: 1 }).value ?? [];
    }),
  );
  return { parts: { dialect, trace, steps, blocks, ledger }, needs, lengths };
}
