import { createEstimator, type Interval, type IntervalOptions, type Statistic } from "./interval.ts";
import { mean, standardErrorOf } from "./moments.ts";
import { pairUp, score, type Arms } from "./samples.ts";

/** How much higher the candidate scores on the same problems. */
export interface PairedDifference {
  /** Mean over problems of the candidate's mean score less the baseline's, from -1 to 1. */
  readonly value: number;
  /** Of the differences, for problems drawn anew. `undefined` for one problem. */
  readonly standardError: number | undefined;
  /** `undefined` for one problem. */
  readonly interval: Interval | undefined;
  readonly problems: number;
}

const meanDifference: Statistic = {
  scale: "plain",
  of: ([difference = 0]) => difference,
  influence: ([difference = 0], [center = 0]) => difference - center,
};

/**
 * The difference in accuracy, problem by problem, so that how hard a problem is cancels out.
 *
 * @throws `invalid_option` if a score is not from 0 to 1, the arms differ in problems, or an option cannot be used.
 * @experimental
 */
export function pairedDifference(arms: Arms, options: IntervalOptions = {}): PairedDifference {
  const pairs = pairUp(arms, score);
  const rowOf = (baseline: number, candidate: number): [number] => [candidate - baseline];
  const rows = pairs.map(({ baseline, candidate }) => rowOf(mean(baseline), mean(candidate)));
  const { value, interval } = createEstimator({ pairs, rows, rowOf }, options)(meanDifference);
  return {
    value,
    standardError: standardErrorOf(rows.map(([difference]) => difference)),
    interval,
    problems: rows.length,
  };
}
