import { ThreadweaverError } from "../errors.ts";
import type { TrainingUnit } from "./units.ts";

/**
 * Refuses units that cannot be trained on by ratio (PPO, GRPO and their relatives): these divide by the odds with which
 * each token was drawn, so the odds must be known.
 *
 * @throws `invalid_option` that names the first call that cannot be used, and what to do.
 */
export function requireRatio(units: readonly TrainingUnit[]): void {
  for (const { call, threadId, samplingBy, logprobs } of units) {
    const where = `call ${call} of thread ${threadId}`;
    if (samplingBy === "unknown") throw refused(where, "a finished text does not say how its tokens were drawn", sft);
    if (samplingBy === "server") throw refused(where, "the server decided how tokens were drawn", setAll);
    if (logprobs === undefined) throw refused(where, "its log-probabilities were not kept", keep);
  }
}

const sft = "Export it for SFT.";
const setAll =
  "Set temperature, topP, topK, minP and repetitionPenalty of the run, or use the rows for a loss that needs no ratio.";
const keep = "Ask the run for them (logprobs: true), or use the rows for a loss that needs no ratio.";

function refused(where: string, why: string, advice: string): ThreadweaverError {
  const message = `${where} cannot be trained on by ratio: ${why}. ${advice}`;
  return new ThreadweaverError("invalid_option", message);
}
