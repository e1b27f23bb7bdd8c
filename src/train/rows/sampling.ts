import type { TrainingUnit } from "../units.ts";

/** How a call was sampled, in the names that servers and trainers use; null where nothing of it is known. */
export function samplingRow({
  sampling = {},
  seed,
}: Pick<TrainingUnit, "sampling" | "seed">): Record<string, number> | null {
  const { temperature, topP, topK, minP, repetitionPenalty } = sampling;
  const all = { temperature, top_p: topP, top_k: topK, min_p: minP, repetition_penalty: repetitionPenalty, seed };
  const known = Object.entries(all).flatMap(([name, n]) => (n === undefined ? [] : [[name, n] as const]));
  return known.length === 0 ? null : Object.fromEntries(known);
}
