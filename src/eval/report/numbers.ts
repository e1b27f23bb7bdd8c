import type { Bounded } from "../statistics/interval.ts";
import type { Counts, Share } from "../summary/summary.ts";

type Shown = (value: number) => string;

export const percent: Shown = (share) => `${(100 * share).toFixed(1)} %`;

/** Hundredths of an accuracy, with their sign. */
export const points: Shown = (difference) => `${difference < 0 ? "−" : "+"}${(100 * Math.abs(difference)).toFixed(1)}`;

export const ratio: Shown = (value) => value.toFixed(2);

/** Tokens or milliseconds. */
export const amount: Shown = (value) => (value < 100 ? value.toFixed(1) : value.toFixed(0));

export const chance: Shown = (p) => (p < 0.001 ? "< 0.001" : p.toFixed(3));

/** Undefined where there is no number. */
export function shown(value: number | undefined, how: Shown): string | undefined {
  return value === undefined ? undefined : how(value);
}

/** A number with its 95 % interval. */
export function bounded(number: Bounded | undefined, how: Shown): string | undefined {
  if (number === undefined) return undefined;
  const { value, interval } = number;
  return interval === undefined ? how(value) : `${how(value)} (${how(interval.low)} to ${how(interval.high)})`;
}

/** A number with its standard error in the same unit. */
export function withError(value: number, error: number | undefined): string {
  return error === undefined ? percent(value) : `${(100 * value).toFixed(1)} ± ${percent(error)}`;
}

/** A share, and of how many samples where these are not all. */
export function share(of: Share | undefined, all: number): string | undefined {
  if (of === undefined) return undefined;
  return of.samples === all ? percent(of.share) : `${percent(of.share)} of ${of.samples}`;
}

/** `timeout: 3, engine_failed: 1`; undefined for none. */
export function counts(of: Counts): string | undefined {
  const entries = Object.entries(of);
  return entries.length === 0 ? undefined : entries.map(([name, times]) => `${name}: ${times}`).join(", ");
}
