/** The settings of the authors' reward, with the values of their reference run. */
export interface AuthorsRewardOptions {
  /** Their `correct_reward`. @defaultValue 1 */
  readonly right?: number | undefined;
  /** Their `incorrect_reward`. @defaultValue -1 */
  readonly wrong?: number | undefined;
  /** Their `acceleration_ratio_reward_factor`. @defaultValue 0.5 */
  readonly factor?: number | undefined;
  /** Their `acceleration_ratio_clip_max`. @defaultValue 0.2 */
  readonly cap?: number | undefined;
}

/**
 * The reward of ThreadWeaver's authors as their code computes it (arXiv 2512.07843). The ratio is that of
 * `authorsAccelerationRatio` of `threadweaver/core`: it counts the tags that a text has, so threads that one call wrote
 * alone are rewarded too, and so are threads of equal length that say nothing. `reward` counts calls instead.
 */
export function authorsReward(
  { correct, accelerationRatio }: { readonly correct: boolean; readonly accelerationRatio: number },
  { right = 1, wrong = -1, factor = 0.5, cap = 0.2 }: AuthorsRewardOptions = {},
): number {
  return correct ? right + factor * Math.min(accelerationRatio, cap) : wrong;
}
