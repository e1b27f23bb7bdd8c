import { createEstimator, type Bounded, type IntervalOptions, type Statistic } from "./interval.ts";
import { mean } from "./moments.ts";
import { latency, pairUp, type Arms } from "./samples.ts";

/** How much faster the candidate is than the baseline (above 1), by three estimators that answer different questions. */
export interface SpeedUp {
  /** The headline: all that was waited for with the baseline, over all that was waited for with the candidate. */
  readonly ratioOfMeans: Bounded;
  /** The typical problem: the geometric mean over problems of the ratio of the mean latencies. */
  readonly geometricMean: Bounded;
  /**
   * The arithmetic mean over problems of the ratio of the mean latencies, as the ThreadWeaver paper averages. It is biased
   * upwards: arms without any difference, whose samples have a spread of 35 %, give 1.13 with one sample a problem.
   */
  readonly meanOfRatios: Bounded;
  /** The share of problems whose mean latency is higher with the candidate, from 0 to 1. */
  readonly slower: number;
  readonly problems: number;
}

/** What is averaged of a problem: both latencies, their ratio's logarithm, and their ratio. */
type LatencyRow = readonly [baseline: number, candidate: number, logRatio: number, ratio: number];

const rowOf = (baseline: number, candidate: number): LatencyRow => {
  const ratio = baseline / candidate;
  return [baseline, candidate, Math.log(ratio), ratio];
};

const ratioOfMeans: Statistic = {
  of: ([baseline = 0, candidate = 0]) => baseline / candidate,
  influence: ([baseline = 0, candidate = 0], [meanBaseline = 0, meanCandidate = 0]) =>
    baseline / meanBaseline - candidate / meanCandidate,
};

const geometricMean: Statistic = {
  of: ([, , logRatio = 0]) => Math.exp(logRatio),
  influence: ([, , logRatio = 0], [, , center = 0]) => logRatio - center,
};

const meanOfRatios: Statistic = {
  of: ([, , , ratio = 0]) => ratio,
  influence: ([, , , ratio = 0], [, , , center = 0]) => ratio / center,
};

/**
 * The speed-up of the candidate, from latencies in any unit: tokens on the critical path, or milliseconds.
 *
 * @throws `invalid_option` if a latency is not above 0, the arms differ in problems, or an option cannot be used.
 * @experimental
 */
export function speedUp(arms: Arms, options: IntervalOptions = {}): SpeedUp {
  const pairs = pairUp(arms, latency);
  const rows = pairs.map(({ baseline, candidate }) => rowOf(mean(baseline), mean(candidate)));
  const estimate = createEstimator({ pairs, rows, rowOf }, options);
  const slower = rows.filter(([baseline, candidate]) => candidate > baseline).length / rows.length;
  return {
    ratioOfMeans: estimate(ratioOfMeans),
    geometricMean: estimate(geometricMean),
    meanOfRatios: estimate(meanOfRatios),
    slower,
    problems: rows.length,
  };
}
