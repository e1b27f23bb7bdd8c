import type { Judged } from "./reward.ts";

/** See `lengthPenalties`; the names of ThreadWeaver's authors. */
export interface LengthPenaltyOptions {
  /** The accuracy of the group below which nothing is paid. @defaultValue 0.8 */
  readonly tau?: number | undefined;
  /** The penalty at an accuracy of 1. @defaultValue 0.2 */
  readonly beta?: number | undefined;
  /** @defaultValue 1e-6 */
  readonly epsilon?: number | undefined;
  /** Tokens beyond the shortest right path at which the whole penalty is paid. @defaultValue 10000 */
  readonly window?: number | undefined;
}

/**
 * What each rollout of a group pays for its path, right or wrong: nothing while the group is often wrong, more the
 * surer it is (the optional length penalty of ThreadWeaver, arXiv 2512.07843).
 */
export function lengthPenalties(
  group: readonly Judged[],
  { tau = 0.8, beta = 0.2, epsilon = 1e-6, window = 10_000 }: LengthPenaltyOptions = {},
): number[] {
  const right = group.filter(({ correct }) => correct);
  const accuracy = group.length === 0 ? 0 : right.length / group.length;
  if (right.length === 0 || window <= 0 || accuracy < tau) return group.map(() => 0);
  const alpha = (beta * (accuracy - tau + epsilon)) / (1 - tau + epsilon);
  const shortest = Math.min(...right.map(({ criticalPath }) => criticalPath));
  return group.map(({ criticalPath }) => alpha * Math.min(1, Math.max(0, (criticalPath - shortest) / window)));
}
