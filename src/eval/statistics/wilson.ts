import { effectiveSize } from "./design-effect.ts";
import { normalQuantile } from "./distributions.ts";
import type { Interval } from "./interval.ts";
import { mean } from "./moments.ts";

const z = normalQuantile(0.975);

/**
 * The interval of a mean score by Wilson (1927), of as many verdicts as the problems are worth. Never without width, and
 * never below 0 or above 1.
 *
 * @param scores one a problem, from 0 to 1
 */
export function wilsonInterval(scores: readonly number[]): Interval {
  const value = mean(scores);
  const spread = scores.reduce((sum, score) => sum + (score - value) ** 2, 0);
  const size = effectiveSize(scores.length, { spread, most: scores.length * value * (1 - value) });
  const scale = 1 + z ** 2 / size;
  const center = (value + z ** 2 / (2 * size)) / scale;
  const reach = (z / scale) * Math.sqrt((value * (1 - value)) / size + (z / (2 * size)) ** 2);
  // Its end is the value itself where that is 0 or 1, but for rounding.
  const [low, high] = [Math.min(value, Math.max(0, center - reach)), Math.max(value, Math.min(1, center + reach))];
  return { low, high, method: "wilson" };
}
