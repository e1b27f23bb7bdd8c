/**
 * Rewards less their mean, one a rollout: compute them before rows are made, and give each to all sampled tokens of its
 * rollout. They are not divided by their deviation. Where all answers of a group are right, that would make a small
 * difference in speed as large as one between right and wrong.
 *
 * @returns zeros, exactly, where all rewards are equal.
 */
export function meanCentred(rewards: readonly number[]): number[] {
  if (areEqual(rewards)) return rewards.map(() => 0);
  const mean = rewards.reduce((sum, one) => sum + one, 0) / rewards.length;
  return rewards.map((one) => one - mean);
}

/** Whether a group teaches nothing: all of its rewards are equal, or there is only one. */
export function areEqual(rewards: readonly number[]): boolean {
  return rewards.every((one) => one === rewards[0]);
}
