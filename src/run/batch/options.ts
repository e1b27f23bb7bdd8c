import * as z from "zod";
import { parseOptions } from "../../engine/parse-options.ts";
import type { BatchPause } from "../calls/health.ts";
import { functionSchema } from "../function-schema.ts";
import { optionsSchema, type RunOptions } from "../options.ts";
import type { RunInput } from "../input.ts";
import type { RunResult } from "../result.ts";
import type { ThreadweaverError } from "../failure.ts";

/** One problem of a batch. It may have fields of its own: the whole object comes back with the outcome. */
export interface BatchProblem {
  input: RunInput;
  /** Any JSON value. The seeds of its runs follow from it. @defaultValue its place in the batch, from 0 */
  id?: unknown;
  /** For this problem, instead of equal ones of the batch. Its `seed` takes the place of the batch's. */
  options?: Omit<RunOptions, "signal" | "recorder"> | undefined;
}

/** All runs of a batch have these options, unless a problem says otherwise. */
export interface BatchOptions extends Omit<RunOptions, "recorder" | "onEvent" | "metadata"> {
  /** Problems at once. Their requests are bounded by `concurrency` of the runner. @defaultValue 8 */
  concurrency?: number | undefined;
  /** Runs of each problem, with different seeds. @defaultValue 1 */
  samples?: number | undefined;
  /** Whether a run is left out, because its result is there already, say. It is asked shortly before the run would begin. */
  skip?: ((problem: BatchProblem, sample: number) => boolean) | undefined;
  /**
   * Each run's seed is `problemSeed(seed, id, sample)`, so one number repeats a batch. Undefined: a random one, which then
   * only the seeds of the results show.
   */
  seed?: number | undefined;
  /**
   * After so many failures in a row the batch stops. Failures that lie in a problem itself (`invalid_prompt`,
   * `context_exceeded`) do not count. @defaultValue 10
   */
  stopAfter?: number | undefined;
  /**
   * Is called when the engine does not answer, and after each probe that fails too. Until it answers, the calls wait with
   * what they have generated; time limits go on.
   */
  onPause?: ((pause: BatchPause) => void) | undefined;
  /** Is called when it answers again. */
  onResume?: (() => void) | undefined;
}

/** What came of one run of a batch: its result, or why there is none. */
export type BatchOutcome<P extends BatchProblem = BatchProblem> = {
  /** As it was given. */
  problem: P;
  /** Its place in the batch, from 0. */
  index: number;
  /** Which of its runs this is, from 0. */
  sample: number;
} & (
  | { result: RunResult; error?: undefined }
  /** `partial` has what was generated. */
  | { result?: undefined; error: ThreadweaverError }
);

const batchSchema = optionsSchema.omit({ recorder: true, onEvent: true, metadata: true }).extend({
  concurrency: z.int().min(1).default(8),
  samples: z.int().min(1).default(1),
  skip: functionSchema<CheckedBatch["skip"]>().optional(),
  stopAfter: z.int().min(1).default(10),
  onPause: functionSchema<(pause: BatchPause) => void>().optional(),
  onResume: functionSchema<() => void>().optional(),
});

/** How a batch goes, and what all of its runs are given. */
export interface CheckedBatch {
  concurrency: number;
  samples: number;
  skip: (problem: BatchProblem, sample: number) => boolean;
  seed: number | undefined;
  stopAfter: number;
  signal: AbortSignal | undefined;
  onPause: ((pause: BatchPause) => void) | undefined;
  onResume: (() => void) | undefined;
  run: RunOptions;
}

/** Throws `invalid_option`, naming each option that cannot be used and why. */
export function checkBatch(options: BatchOptions): CheckedBatch {
  const checked = parseOptions("batch", batchSchema, options);
  const { concurrency, samples, skip = () => false, seed, stopAfter, signal, onPause, onResume, ...run } = checked;
  return { concurrency, samples, skip, seed, stopAfter, signal, onPause, onResume, run };
}
