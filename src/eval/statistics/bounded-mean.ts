import { createEstimator, type Bounded, type IntervalOptions, type Statistic } from "./interval.ts";

const means: Readonly<Record<Statistic["scale"], Statistic>> = {
  plain: {
    scale: "plain",
    of: ([average = 0]) => average,
    influence: ([value = 0], [center = 0]) => value - center,
  },
  log: {
    scale: "log",
    of: ([average = 0]) => average,
    influence: ([value = 0], [center = 0]) => (center === 0 ? 0 : value / center - 1),
  },
};

/**
 * The mean of what each problem gives, with an interval for problems drawn anew.
 *
 * @param scale `log` for lengths and latencies: these are above 0, and some are very long.
 */
export function boundedMean(
  perProblem: readonly number[],
  scale: Statistic["scale"],
  options: IntervalOptions,
): Bounded {
  const rowOf = (value: number): [number] => [value];
  return createEstimator({ pairs: [], rows: perProblem.map(rowOf), rowOf }, options)(means[scale]);
}
