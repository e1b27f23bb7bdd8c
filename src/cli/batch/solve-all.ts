import pLimit from "p-limit";
import { ThreadweaverError } from "../../errors.ts";
import type { Outcome } from "../compare.ts";
import type { LineFile } from "../line-file.ts";
import type { RunInput } from "../../run/options.ts";
import type { Problem } from "./problems.ts";
import type { Progress } from "./progress.ts";

export interface BatchJob {
  readonly problems: readonly Problem[];
  readonly concurrency: number;
  readonly results: LineFile;
  readonly progress: Progress;
  /** Aborted: what runs is cancelled, nothing more begins, and what is finished stays. */
  readonly signal: AbortSignal;
  solve(input: RunInput, signal: AbortSignal): Promise<Outcome>;
}

/** A line of the results: of a problem that was cancelled there is none. */
type Line = Outcome | { readonly error: { readonly code: string; readonly message: string } };

/** Runs many problems, some at once, and writes a line for each as it is finished. Throws where a line cannot be written. */
export async function solveAll(job: BatchJob): Promise<void> {
  const { problems, concurrency, results, progress } = job;
  const broken = new AbortController();
  const signal = AbortSignal.any([job.signal, broken.signal]);
  const limit = pLimit(concurrency);
  const all = problems.map((problem) =>
    limit(async () => {
      if (signal.aborted) return;
      progress.begin();
      const line = await lineOf(problem, job, signal);
      if (line === undefined) return;
      results.write({ id: problem.id, ...line });
      progress.finish({ failed: "error" in line });
    }).catch((error: unknown) => {
      broken.abort();
      throw error;
    }),
  );
  // All of them, so that nothing runs any more when the engine and the file are closed.
  for (const settled of await Promise.allSettled(all)) if (settled.status === "rejected") throw settled.reason;
}

async function lineOf(problem: Problem, job: BatchJob, signal: AbortSignal): Promise<Line | undefined> {
  if ("mistake" in problem) return { error: { code: "invalid_prompt", message: problem.mistake } };
  try {
    const outcome = await job.solve(problem.input, signal);
    return signal.aborted ? undefined : outcome;
  } catch (error) {
    if (signal.aborted) return undefined;
    const message = error instanceof Error ? error.message : String(error);
    return { error: { code: ThreadweaverError.isInstance(error) ? error.code : "internal", message } };
  }
}
