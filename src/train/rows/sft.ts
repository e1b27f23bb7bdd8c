import type { TrainingUnit } from "../units.ts";

/** One call as a row for supervised training, as Axolotl, TRL and Hugging Face's Trainer take it. */
export interface SftRow {
  readonly input_ids: readonly number[];
  readonly attention_mask: readonly number[];
  /** -100 for what is not trained. */
  readonly labels: readonly number[];
}

/** What trainers take for a token that is not trained. */
const untrained = -100;

export function sftRow({ promptIds, responseIds }: Pick<TrainingUnit, "promptIds" | "responseIds">): SftRow {
  const ids = [...promptIds, ...responseIds];
  return {
    input_ids: ids,
    attention_mask: ids.map(() => 1),
    labels: [...promptIds.map(() => untrained), ...responseIds],
  };
}
