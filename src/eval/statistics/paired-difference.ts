import type { Interval } from "./interval.ts";
import { mean, standardErrorOf } from "./moments.ts";
import { pairUp, score, type Arms } from "./samples.ts";
import { tangoInterval } from "./tango.ts";

/** How much higher the candidate scores on the same problems. */
export interface PairedDifference {
  /** Mean over problems of the candidate's mean score less the baseline's, from -1 to 1. */
  readonly value: number;
  /** Of the differences, for problems drawn anew. `undefined` for one problem. */
  readonly standardError: number | undefined;
  /** By Tango's method, for problems drawn anew. `undefined` for one problem. */
  readonly interval: Interval | undefined;
  readonly problems: number;
}

/**
 * The difference in accuracy, problem by problem, so that how hard a problem is cancels out.
 *
 * @throws `invalid_option` if a score is not from 0 to 1, or the arms differ in problems.
 * @experimental
 */
export function pairedDifference(arms: Arms): PairedDifference {
  const scores = pairUp(arms, score).map((pair) => ({
    baseline: mean(pair.baseline),
    candidate: mean(pair.candidate),
  }));
  const differences = scores.map(({ baseline, candidate }) => candidate - baseline);
  return {
    value: mean(differences),
    standardError: standardErrorOf(differences),
    interval: scores.length < 2 ? undefined : tangoInterval(scores),
    problems: scores.length,
  };
}
