import { abortedError } from "../engine/abort.ts";
import type { EngineWarning } from "../engine/engine.ts";
import type { KvSequence } from "./kv-sequence.ts";
import { samplingOptions } from "./sampling.ts";

/** How many calls the batch has whose cost is measured. */
const batchSize = 4;

/**
 * From this cost on, threads save no time. Let a step for n threads cost `1 + (n - 1) m` steps for one. Threads of L
 * tokens then cost `L (1 + (n - 1) m)` instead of `L n`, and the join evaluates all but the first once more, for about
 * `L (n - 1) m`. Both together are `L n` where m is a half, whatever n is: that is a cost of 2.5 for four.
 */
const costThatSavesNothing = 2.5;

/** Quicker steps are waited for by no user, and a moment in which the machine is busy decides what is measured. */
const noticedMs = 5;

/** Small models are measured again and again, so that a moment in which the machine was busy does not count. */
const rounds = 10;
const roundsMs = 200;

/** What is measured: sequences of one context, empty. */
export type Measured = Pick<KvSequence, "evaluate" | "truncate">;

export interface BatchCost {
  /** How long a step for four calls takes, relative to a step for one: from 1 (no longer) to 4 (as long as four). */
  readonly cost: number;
  /** Milliseconds of a step for one. */
  readonly stepMs: number;
}

export interface Measuring {
  /** Milliseconds. */
  now: () => number;
  signal?: AbortSignal | undefined;
}

/**
 * Measures what a batch costs, in rounds of a step for one and a step for four: ten of them, or as many as begin within
 * 0.2 s. Undefined with fewer than four sequences. The sequences are empty again afterwards.
 */
export async function measureBatchCost(
  sequences: readonly Measured[],
  { now, signal }: Measuring,
): Promise<BatchCost | undefined> {
  const batch = sequences.slice(0, batchSize);
  if (batch.length < batchSize) return undefined;

  async function step(size: number): Promise<number> {
    if (signal?.aborted === true) throw abortedError(signal);
    await Promise.all(batch.map((sequence) => sequence.truncate(0)));
    const from = now();
    await Promise.all(batch.slice(0, size).map((sequence) => sequence.evaluate([0], greedy)));
    return now() - from;
  }

  await step(1); // it reads the weights from the disk, and counts for nothing
  const began = now();
  let one = Infinity;
  let four = Infinity;
  for (let round = 0; round < rounds && (round === 0 || now() - began < roundsMs); round += 1) {
    one = Math.min(one, await step(1));
    four = Math.min(four, await step(batchSize));
  }
  await Promise.all(batch.map((sequence) => sequence.truncate(0)));
  const cost = four / one;
  return Number.isFinite(cost) ? { cost: Math.min(batchSize, Math.max(1, cost)), stepMs: one } : undefined;
}

const greedy = { options: samplingOptions({}, 0, 0, new Set()), top: undefined };

/** What users should know of a cost; nothing, where threads can save time. */
export function warningOfCost(model: string, measured: BatchCost | undefined): EngineWarning | undefined {
  if (measured === undefined) return undefined;
  const { cost, stepMs } = measured;
  if (cost < costThatSavesNothing || stepMs < noticedMs) return undefined;
  const message =
    `threads save steps here, and no seconds: with ${model} a step for ${batchSize} threads takes ${cost.toFixed(1)} times ` +
    `as long as a step for one. Quantised weights on a processor are so; f32 weights, a GPU or a server may not be.`;
  return { code: "batch-cost", message };
}
