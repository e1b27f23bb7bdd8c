import { createEstimator, type Bounded, type IntervalOptions, type Statistic } from "./interval.ts";

const meanOf: Statistic = {
  scale: "plain",
  of: ([average = 0]) => average,
  influence: ([value = 0], [center = 0]) => value - center,
};

/** The mean of what each problem gives, with an interval for problems drawn anew. */
export function boundedMean(perProblem: readonly number[], options: IntervalOptions): Bounded {
  const rowOf = (value: number): [number] => [value];
  return createEstimator({ pairs: [], rows: perProblem.map(rowOf), rowOf }, options)(meanOf);
}
