import fc from "fast-check";
import { expect, it } from "vitest";
import { threadweaver as dialect } from "../../src/core/dialects/bundled/index.ts";
import { align } from "../../src/trajectories/alignment/align.ts";
import { assemble } from "../../src/trajectories/assembly/assemble.ts";
import { blocksOf } from "../../src/trajectories/dependencies/blocks.ts";
import { readNeeds } from "../../src/trajectories/dependencies/read.ts";
import { applyEdits } from "../../src/trajectories/edits/apply.ts";
import { readEdits } from "../../src/trajectories/edits/read.ts";
import type { Checked } from "../../src/trajectories/fault.ts";
import { stepLengths } from "../../src/trajectories/steps/lengths.ts";
import { readSteps } from "../../src/trajectories/steps/read.ts";
import { runs } from "../core/drive.ts";
import { lines, stepsOf, traceOf } from "./sources.ts";

/** What models do to an answer. */
const spoils: ((items: readonly unknown[], chance: number) => string)[] = [
  (items) => JSON.stringify(items),
  (items) => `Of course.\n\`\`\`json\n${JSON.stringify(items, null, 2)}\n\`\`\``,
  (items, chance) => JSON.stringify(items.toSpliced(chance % Math.max(1, items.length), 1)),
  (items, chance) => JSON.stringify(items.toSpliced(chance % Math.max(1, items.length), 0, items[0])),
  (items) => JSON.stringify(items.toReversed()),
  (items, chance) => JSON.stringify(items).slice(0, chance % 200),
  (items) => `For example [{"title": "…", "lines": [1, 1]}]. ${JSON.stringify(items)}`,
  (items) => JSON.stringify(items).replaceAll("1", "2"),
  () => "I'm sorry, I can't help with that.",
];

it("whatever a model answers, what is accepted loses no line, and the rest is refused with a reason", () => {
  const counts = { accepted: 0, parallel: 0, edited: 0, refused: 0 };
  const spoil = fc.nat(spoils.length - 1);
  const spoilt = fc.oneof({ weight: 2, arbitrary: fc.constant(0) }, { weight: 1, arbitrary: spoil });
  const cuts = fc.array(fc.boolean(), { minLength: 7, maxLength: 7 });
  const kept = <T>({ value, faults }: Checked<T, string>): T | undefined => {
    expect(value === undefined).toBe(faults.length > 0);
    for (const { code, message } of faults) expect([code, message]).not.toContain("");
    if (value === undefined) counts.refused += 1;
    return value;
  };
  fc.assert(
    fc.property(
      lines,
      fc.boolean(),
      cuts,
      fc.tuple(spoilt, spoilt, spoilt),
      fc.nat(10_000),
      (body, marked, at, how, chance) => {
        const trace = traceOf(dialect, body, marked);
        fc.pre(trace !== undefined);
        const reply = (n: number, items: readonly unknown[]) => spoils[how[n] ?? 0]!(items, chance);
        const listed = stepsOf(trace.lines.length, at).map(({ title, first, last }) => ({
          title,
          lines: [first, last],
        }));
        const steps = kept(readSteps(reply(0, listed), trace));
        if (steps === undefined) return;
        const asked = steps.map((_, i) => ({
          step: i + 1,
          needs: i > 0 && (chance + i) % 3 === 0 ? [1 + (chance % i)] : [],
        }));
        const needs = kept(readNeeds(reply(1, asked), steps.length));
        if (needs === undefined) return;
        const blocks = blocksOf(needs, stepLengths(trace, steps)).map(({ threads }) => ({
          threads,
          outlines: threads.map((_, i) => `part ${i + 1}`),
        }));
        const ledger = blocks.flatMap(({ threads }) => {
          const { first, last } = threads[1]!;
          const span = { first: steps[first - 1]!.first, last: steps[last - 1]!.last };
          const own = trace.lines.slice(span.first - 1, span.last).join("\n");
          const old = own.slice(chance % own.length).slice(0, 4);
          const edits = kept(readEdits(reply(2, [{ old, new: "it", reason: "a reference" }])));
          return edits === undefined ? [] : (kept(applyEdits(trace, span, edits, { dialect })) ?? []);
        });
        const made = kept(assemble({ dialect, trace, steps, blocks, ledger }));
        expect(made).toBeDefined();
        const aligned = align(trace, ledger, made!);
        expect(aligned.faults).toEqual([]);
        const untold = aligned.value!.filter(({ fate, entries }) => fate !== "unchanged" && entries.length === 0);
        expect(untold).toEqual([]);
        expect(aligned.value).toHaveLength(trace.lines.length);
        counts.accepted += 1;
        if (blocks.length > 0) counts.parallel += 1;
        if (ledger.length > 0) counts.edited += 1;
      },
    ),
    { numRuns: runs(3400) },
  );
  expect(Math.min(...Object.values(counts))).toBeGreaterThan(50);
});
