/** What of a rollout a reward looks at. */
export interface Judged {
  readonly correct: boolean;
  /** Generated tokens that had to be waited for, and all of them. */
  readonly criticalPath: number;
  readonly generated: number;
}

export interface RewardOptions {
  /** @defaultValue 1 */
  readonly right?: number | undefined;
  /** @defaultValue -1 */
  readonly wrong?: number | undefined;
  /** Of the acceleration, on right answers only. @defaultValue 0.5 */
  readonly weight?: number | undefined;
  /** The acceleration that is rewarded at most. @defaultValue 0.2 */
  readonly cap?: number | undefined;
  /** A penalty on the path itself, which longer threads beside it cannot hide. @defaultValue none */
  readonly path?: PathPenaltyOptions | undefined;
}

/**
 * A right answer, and then a little for what was not waited for: 1 - criticalPath / generated, over what calls really
 * generated side by side. A wrong answer gets nothing for speed.
 */
export function reward(
  { correct, criticalPath, generated }: Judged,
  { right = 1, wrong = -1, weight = 0.5, cap = 0.2, path }: RewardOptions = {},
): number {
  if (!correct) return wrong;
  const acceleration = generated === 0 ? 0 : 1 - criticalPath / generated;
  return right + weight * Math.min(acceleration, cap) - (path === undefined ? 0 : pathPenalty(criticalPath, path));
}

export interface PathPenaltyOptions {
  /** The path from which the whole penalty is paid. */
  readonly limit: number;
  /** How many tokens before the limit it begins. */
  readonly buffer: number;
  /** The whole penalty. */
  readonly factor: number;
}

/** DC-CoT's: nothing up to `limit - buffer`, then in a straight line up to `factor`. */
export function pathPenalty(criticalPath: number, { limit, buffer, factor }: PathPenaltyOptions): number {
  const over = Math.max(0, criticalPath - (limit - buffer));
  return factor * Math.min(1, buffer === 0 ? over : over / buffer);
}
