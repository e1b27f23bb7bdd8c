import * as z from "zod";
import { optionsOf } from "../options.ts";
import { running, type JoinPolicy } from "../policy.ts";

export interface StragglersOptions {
  /** How many times as long as the median of those that ended by themselves one may take. Above 1. @defaultValue 2 */
  factor?: number | undefined;
  /** How many have to end by themselves before any is cut. @defaultValue half of them */
  atLeast?: number | undefined;
}

export const stragglersOptions = z.strictObject({
  factor: z.number().gt(1).default(2),
  atLeast: z.int().min(1).optional(),
});

/**
 * What takes much longer than the others is cut. Times count from the first request of each.
 *
 * @throws `invalid_option` for values out of range.
 */
export function stragglers(given: StragglersOptions = {}): JoinPolicy {
  const options = optionsOf("stragglers", stragglersOptions, given);
  const { factor, atLeast } = options;
  return {
    name: "stragglers",
    subtasks: true,
    options,
    decide({ siblings, ms }) {
      const times = siblings.filter(({ isDone }) => isDone).map((one) => one.ms);
      if (times.length < (atLeast ?? Math.ceil(siblings.length / 2))) return undefined;
      const limit = factor * medianOf(times);
      // One that has not begun yet takes no time yet. It is asked about again when it begins.
      const others = running(siblings).filter(({ hasBegun }) => hasBegun);
      const left = others.map((one) => limit - one.ms).filter((more) => more > 0);
      return {
        cut: others.filter((one) => one.ms >= limit),
        askAt: left.length === 0 ? undefined : ms + Math.min(...left),
      };
    },
    contradicts: (attempts) =>
      atLeast !== undefined && atLeast >= attempts
        ? `it waits until ${atLeast} have ended, and there are ${attempts}`
        : undefined,
  };
}

function medianOf(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length / 2;
  const [above = 0, below = above] = [sorted[Math.floor(middle)], sorted[Math.ceil(middle) - 1]];
  return (above + below) / 2;
}
