import { bisect } from "./bisect.ts";

/** The standard normal distribution up to `x`, by its Taylor series; exact to about 1e-15. */
export function normalCdf(x: number): number {
  if (x < -8) return 0;
  if (x > 8) return 1;
  let term = x;
  let sum = x;
  for (let i = 3; Math.abs(term) > 1e-17; i += 2) {
    term *= (x * x) / i;
    sum += term;
  }
  return 0.5 + (sum * Math.exp(-(x * x) / 2)) / Math.sqrt(2 * Math.PI);
}

export function normalQuantile(p: number): number {
  return invert(normalCdf, p);
}

/**
 * Student's distribution up to `t`, for a whole number of degrees of freedom: the finite sums of Abramowitz and Stegun,
 * 26.7.3 and 26.7.4.
 */
export function studentCdf(t: number, degrees: number): number {
  const angle = Math.atan(t / Math.sqrt(degrees));
  const cosine = Math.cos(angle);
  const odd = degrees % 2;
  let term = odd === 1 ? cosine : 1;
  let sum = 0;
  for (let power = odd; power <= degrees - 2; power += 2) {
    sum += term;
    term *= (cosine * cosine * (power + 1)) / (power + 2);
  }
  const inside = odd === 1 ? ((angle + Math.sin(angle) * sum) * 2) / Math.PI : Math.sin(angle) * sum;
  return (1 + inside) / 2;
}

export function studentQuantile(p: number, degrees: number): number {
  return invert((t) => studentCdf(t, degrees), p);
}

/** Where a distribution function reaches `p`. */
function invert(cdf: (x: number) => number, p: number): number {
  let high = 1;
  while (high < 1e15 && (cdf(high) < p || cdf(-high) > p)) high *= 2;
  return bisect(-high, high, (x) => cdf(x) < p);
}
