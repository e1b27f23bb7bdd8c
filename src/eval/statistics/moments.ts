export function mean(values: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < values.length; i += 1) sum += values[i] ?? 0;
  return sum / values.length;
}

/** With `n - 1` in the denominator; NaN for fewer than two values. */
export function variance(values: ArrayLike<number>): number {
  if (values.length < 2) return Number.NaN;
  const center = mean(values);
  let sum = 0;
  for (let i = 0; i < values.length; i += 1) sum += ((values[i] ?? 0) - center) ** 2;
  return sum / (values.length - 1);
}

/** The standard error of a mean; `undefined` for one value, which says nothing of its spread. */
export function standardErrorOf(values: ArrayLike<number>): number | undefined {
  return values.length < 2 ? undefined : Math.sqrt(variance(values) / values.length);
}

/** Of values in ascending order, between two of them by their distance (type 7 of Hyndman and Fan, as NumPy and R have it). */
export function quantile(sorted: ArrayLike<number>, share: number): number {
  const place = share * (sorted.length - 1);
  const below = Math.floor(place);
  const low = sorted[below] ?? Number.NaN;
  const high = sorted[Math.min(below + 1, sorted.length - 1)] ?? Number.NaN;
  return low + (high - low) * (place - below);
}
