import { type Estimate, estimateOf } from "./estimate.ts";
import type { Interval } from "./interval.ts";
import { mean, variance } from "./moments.ts";
import { checkSamples, score, type Samples } from "./samples.ts";
import { wilsonInterval } from "./wilson.ts";

/** The mean score, with an error for each of the two questions that are asked of it. */
export interface Accuracy {
  /** The mean over problems of the mean over a problem's samples, from 0 to 1. */
  readonly value: number;
  readonly standardError: {
    /** If other problems like these were drawn. `undefined` for one problem. */
    readonly population: number | undefined;
    /** If the same problems were sampled again. `undefined` if a problem has one sample. */
    readonly sameProblems: number | undefined;
  };
  /** By Wilson's method, if other problems like these were drawn. `undefined` for one problem. */
  readonly interval: Interval | undefined;
  readonly problems: number;
}

/**
 * Accuracy with its standard errors and its interval. Samples of one problem are no independent trials, so the unit is the problem.
 *
 * @throws `invalid_option` if there is no problem, or a score is not from 0 to 1.
 * @experimental
 */
export function accuracy(scores: Samples): Accuracy {
  const samples = checkSamples(scores, score, "scores");
  const means = samples.map(mean);
  const { value, standardError: population, problems }: Estimate = estimateOf(means);
  const noise = samples.every((values) => values.length > 1)
    ? Math.sqrt(samples.reduce((sum, values) => sum + variance(values) / values.length, 0)) / problems
    : undefined;
  const interval = problems < 2 ? undefined : wilsonInterval(means);
  return { value, standardError: { population, sameProblems: noise }, interval, problems };
}
