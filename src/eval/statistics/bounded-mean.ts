import { createEstimator, type Bounded, type IntervalOptions, type Statistic } from "./interval.ts";

const meanLatency: Statistic = {
  of: ([average = 0]) => average,
  influence: ([value = 0], [center = 0]) => (center === 0 ? 0 : value / center - 1),
};

/** The mean of the latency of each problem, with an interval for problems drawn anew. */
export function boundedMean(perProblem: readonly number[], options: IntervalOptions): Bounded {
  const rowOf = (value: number): [number] => [value];
  return createEstimator({ pairs: [], rows: perProblem.map(rowOf), rowOf }, options)(meanLatency);
}
