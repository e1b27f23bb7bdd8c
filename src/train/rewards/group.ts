import { areEqual, meanCentred } from "./advantage.ts";
import { lengthPenalties, type LengthPenaltyOptions } from "./length-penalty.ts";
import { reward, type Judged, type RewardOptions } from "./reward.ts";

/** A rollout's reward beside what it is made of: a speed that only grows with the total is no speed. */
export interface Scored {
  readonly reward: number;
  readonly advantage: number;
  readonly correct: boolean;
  readonly pathTokens: number;
  readonly totalTokens: number;
}

export interface ScoredGroup {
  readonly rollouts: readonly Scored[];
  /** Whether all rewards are equal, so that the group teaches nothing. */
  readonly equal: boolean;
  /** Means over the rollouts. */
  readonly means: { readonly reward: number; readonly pathTokens: number; readonly totalTokens: number };
}

export interface GroupOptions extends RewardOptions {
  /** What paths pay by the accuracy of the group. @defaultValue none */
  readonly length?: LengthPenaltyOptions | undefined;
}

/** Rewards and advantages of the rollouts of one problem. */
export function scoreGroup(group: readonly Judged[], { length, ...options }: GroupOptions = {}): ScoredGroup {
  const paid = length === undefined ? group.map(() => 0) : lengthPenalties(group, length);
  const rewards = group.map((rollout, i) => reward(rollout, options) - (paid[i] ?? 0));
  const advantages = meanCentred(rewards);
  const rollouts = group.map(({ correct, criticalPath, generated }, i) => ({
    reward: rewards[i] ?? 0,
    advantage: advantages[i] ?? 0,
    correct,
    pathTokens: criticalPath,
    totalTokens: generated,
  }));
  return {
    rollouts,
    equal: areEqual(rewards),
    means: {
      reward: mean(rewards),
      pathTokens: mean(group.map(({ criticalPath }) => criticalPath)),
      totalTokens: mean(group.map(({ generated }) => generated)),
    },
  };
}

function mean(values: readonly number[]): number {
  return values.length === 0 ? 0 : values.reduce((sum, one) => sum + one, 0) / values.length;
}
