import { ThreadweaverError } from "../errors.ts";
import { trajectoryOfResult, type TrainableResult } from "../train/from-result.ts";
import { scoreGroup, type GroupOptions, type ScoredGroup } from "../train/rewards/group.ts";
import type { Judged } from "../train/rewards/reward.ts";
import { trainingRows, type TrainingRow } from "../train/rows/row.ts";
import type { RolloutKey } from "./roll-out.ts";

/** What rows are made of: a `Rollout`, or a line of a ledger. */
export interface Trainable extends RolloutKey {
  readonly correct: boolean;
  readonly result: TrainableResult;
}

export interface RowSetup {
  /** What the calls were sampled with, where the server does not say. */
  readonly weightVersion?: string | undefined;
}

/** What a reward looks at. */
export function judgedOf({ correct, result: { tokens } }: Trainable): Judged {
  return { correct, criticalPath: tokens.criticalPath, generated: tokens.generated };
}

/**
 * The training rows of one group, one a call: the reward of each rollout, and its advantage on all that it sampled. The
 * advantage is mean-centred and not divided by the deviation, as P-GRPO has it.
 *
 * @throws `invalid_option` for rollouts of several problems, or without what a ratio needs; `engine_failed` where a
 * server names other weights than `weightVersion`.
 */
export function groupRows(
  rollouts: readonly Trainable[],
  { weightVersion, ...options }: RowSetup & GroupOptions = {},
): { rows: TrainingRow[]; scored: ScoredGroup } {
  const other = rollouts.find(({ id }) => id !== rollouts[0]?.id);
  if (other !== undefined) {
    const message = `A group is of one problem, and these rollouts are of ${rollouts[0]?.id} and ${other.id}.`;
    throw new ThreadweaverError("invalid_option", message);
  }
  const scored = scoreGroup(rollouts.map(judgedOf), options);
  const rows = rollouts.flatMap((rollout, i) => rolloutRows(rollout, scored.rollouts[i], { weightVersion }));
  return { rows, scored };
}

/** The rows of one rollout whose group is scored. */
export function rolloutRows(
  rollout: Trainable,
  scored: ScoredGroup["rollouts"][number] | undefined,
  { weightVersion }: RowSetup,
): TrainingRow[] {
  const rolloutId = nameOf(rollout);
  const { reward, advantage } = scored ?? {};
  const rows = trainingRows(trajectoryOfResult(rollout.result), { rolloutId, groupId: rollout.id, reward, advantage });
  if (weightVersion === undefined) return rows;
  return rows.map((row) => {
    const { weight_version: said } = row;
    if (said === null || said === weightVersion) return { ...row, weight_version: weightVersion };
    const message = `Rollout ${rolloutId} was sampled with the weights ${said}, and ${weightVersion} were meant. Load those into the server, and sample again.`;
    throw new ThreadweaverError("engine_failed", message);
  });
}

/** As `threadweaver data` names it. */
export function nameOf({ id, sample }: RolloutKey): string {
  return `${id}/${sample}`;
}
