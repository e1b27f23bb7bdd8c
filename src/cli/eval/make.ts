import { mkdirSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { evaluate, type SampleTrace } from "../../eval/evaluate.ts";
import { Ledger, type LedgerOptions } from "../../eval/ledger/ledger.ts";
import type { Sample, SampleFailure, SampleKey } from "../../eval/ledger/sample.ts";
import type { Evaluation } from "../../eval/plan.ts";
import { createClock } from "../../run/clock.ts";
import { createTrace } from "../../trace/writer.ts";
import { visible } from "../../visible.ts";
import { Progress } from "../batch/progress.ts";
import { counted } from "../view/describe.ts";
import { warn } from "../view/report.ts";
import type { World } from "../world.ts";
import { samplesIn } from "./costs.ts";
import { writeProblems } from "./problems.ts";

export const ledgerName = "samples.jsonl";

export interface Making extends LedgerOptions {
  /** Where the ledger goes. */
  readonly out: string;
  readonly text: boolean;
  readonly traces: boolean;
  readonly stopAfter: number;
}

export interface Made {
  /** Samples that failed. */
  readonly failed: number;
  /** What ended it before all samples were made. */
  readonly early: { readonly error: unknown } | undefined;
}

/** Makes the samples that the ledger in a folder lacks. */
export async function makeSamples(
  evaluation: Evaluation,
  { out, text, traces, stopAfter, ...opening }: Making,
  world: World,
): Promise<Made> {
  mkdirSync(out, { recursive: true });
  const ledger = await Ledger.open(join(out, ledgerName), evaluation.header, opening);
  for (const { line, why } of ledger.damaged)
    warn(world, `${join(out, ledgerName)}:${line}: ${why}. The line is removed, and its sample made again.`);
  const left = samplesIn(evaluation.header) - ledger.count;
  const there = ledger.count === 0 ? "" : ` (${ledger.count} are there)`;
  world.stderr.write(`${counted(left, "sample")} to make${there}\n`);
  const progress = progressOf(world, left, evaluation.header.concurrency, ledger.generated);
  let failed = 0;
  try {
    writeProblems(out, evaluation.dataset.problems);
    await evaluate(evaluation, {
      earlier: ledger,
      text,
      stopAfter,
      signal: world.signal,
      clock: createClock(() => world.now()),
      onSample: (entry) => {
        ledger.write(entry);
        progress.over(entry);
        if (entry.type === "failure") failed += 1;
      },
      ...(traces && { trace: (key: SampleKey) => traceOf(out, key) }),
    });
    return { failed, early: undefined };
  } catch (error) {
    return { failed, early: { error } };
  } finally {
    ledger.close();
    progress.end();
  }
}

/**
 * Shows how far it is, and how many tokens that took.
 *
 * @param tokens of the samples that are there already
 */
export function progressOf(world: World, total: number, concurrency: number, tokens = 0) {
  let generated = tokens;
  const progress = new Progress({
    stream: world.stderr,
    now: () => world.now(),
    total,
    concurrency,
    note: () => `${generated} tokens so far`,
  });
  progress.begin(total);
  return {
    over(entry: Sample | SampleFailure): void {
      if (entry.type === "sample") generated += entry.tokens.generated;
      else world.stderr.write(`${visible(`${entry.arm}, ${entry.problem}/${entry.sample}: ${entry.message}`)}\n`);
      progress.finish({ failed: entry.type === "failure" });
    },
    end: () => progress.end(),
  };
}

function traceOf(out: string, { arm, problem, sample }: SampleKey): SampleTrace {
  const path = join(out, "traces", fileNameOf(arm), `${fileNameOf(problem)}-${sample}.jsonl`);
  mkdirSync(dirname(path), { recursive: true });
  const recorder = createTrace(path, { overwrite: true });
  return { recorder, path: relative(out, path), close: async () => recorder.close() };
}

/** Ids are anything; two of them never give one name. */
function fileNameOf(text: string): string {
  return encodeURIComponent(text)
    .replaceAll("*", "%2A")
    .replace(/^\.+$/, (dots) => dots.replaceAll(".", "%2E"));
}
