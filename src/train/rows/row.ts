import type { Trajectory } from "../trajectory.ts";
import { requireRatio } from "../ratio.ts";
import { trainingUnits, type TrainingUnit } from "../units.ts";
import { samplingRow } from "./sampling.ts";

/** One call as a row of data, in the names that trainers in Python use. */
export interface TrainingRow {
  readonly prompt_ids: readonly number[];
  readonly response_ids: readonly number[];
  /** 1 for each token that was sampled: all of a row's response. */
  readonly response_mask: readonly number[];
  /** Null where they were not kept. */
  readonly response_logprobs: readonly number[] | null;
  /** Of the whole rollout, the same in each of its rows; null before it was judged. */
  readonly reward: number | null;
  /** Of the whole rollout, computed before rows are made, the same for all of its sampled tokens. */
  readonly advantage: number | null;
  /** The rollouts that are compared with each other: those of one problem. */
  readonly group_id: string;
  readonly rollout_id: string;
  readonly call_id: number;
  /** More than 0 only where the weights changed inside the call. */
  readonly part: number;
  readonly parent_call_id: number | null;
  /** Such as `0/1.2`; `0` is main. */
  readonly thread_path: string;
  readonly weight_version: string | null;
  readonly sampling: Readonly<Record<string, number>> | null;
  readonly sampling_by: TrainingUnit["samplingBy"];
  readonly finish_reason: string | null;
  /** Of the whole rollout: tokens on its critical path, and all that were generated. Look at both beside the reward. */
  readonly path_tokens: number;
  readonly total_tokens: number;
}

export interface RowOptions {
  readonly rolloutId: string;
  /** @defaultValue the id of the rollout: a group of its own */
  readonly groupId?: string | undefined;
  readonly reward?: number | undefined;
  readonly advantage?: number | undefined;
  /**
   * Whether the rows are for a loss with a ratio of probabilities. Then log-probabilities and sampling must be known.
   *
   * @defaultValue true
   */
  readonly ratio?: boolean | undefined;
}

/**
 * The rows of a trajectory, one a call.
 *
 * @throws `invalid_option` where token ids are missing, or what a ratio needs.
 */
export function trainingRows(trajectory: Trajectory, options: RowOptions): TrainingRow[] {
  const units = trainingUnits(trajectory);
  if (options.ratio ?? true) requireRatio(units);
  const { rolloutId, groupId = rolloutId, reward = null, advantage = null } = options;
  const { criticalPath, generated } = trajectory.tokens;
  return units.map((unit): TrainingRow => {
    const { promptIds, responseIds, logprobs } = unit;
    return {
      prompt_ids: promptIds,
      response_ids: responseIds,
      response_mask: responseIds.map(() => 1),
      response_logprobs: logprobs ?? null,
      reward,
      advantage,
      group_id: groupId,
      rollout_id: rolloutId,
      call_id: unit.call,
      part: unit.part,
      parent_call_id: unit.parentCall,
      thread_path: unit.threadId,
      weight_version: unit.weightVersion ?? null,
      sampling: samplingRow(unit),
      sampling_by: unit.samplingBy,
      finish_reason: unit.finishReason ?? null,
      path_tokens: criticalPath,
      total_tokens: generated,
    };
  });
}
