import type { Call, Choice } from "./call.ts";

export function usageMode({ settings, asked }: Call): "none" | "final" | "continuous" | "last-part" {
  return settings.usage === "asked" ? asked.wantsUsage : settings.usage;
}

export interface Counts {
  prompt: number;
  completion: number;
  cached: number;
}

/** The counts of all answers. A prompt counts once, however many answers it has. */
export function countsOf({ choices }: Call): Counts {
  const prompts = choices.filter(({ isFirstOfPrompt }) => isFirstOfPrompt);
  const sum = (numbers: number[]): number => numbers.reduce((total, number) => total + number, 0);
  return {
    prompt: sum(prompts.map(({ prompt }) => prompt.length)),
    completion: sum(choices.map(({ generated }) => generated.ids.length)),
    cached: sum(prompts.map(({ cache }) => cache.hit)),
  };
}

/** The counts of one answer, as far as it has come. */
export function countsAt({ prompt, cache }: Choice, tokens: number): Counts {
  return { prompt: prompt.length, completion: tokens, cached: cache.hit };
}

/** The fields in the order in which vLLM and SGLang write them. */
export function openaiCounts({ prompt, completion }: Counts): Record<string, unknown> {
  return { prompt_tokens: prompt, total_tokens: prompt + completion, completion_tokens: completion };
}

/** The field that holds what ended an answer, where the server has one. vLLM leaves it empty for an end of sequence. */
export function stopFieldOf({ settings }: Call, { generated }: Choice, isLast: boolean): Record<string, unknown> {
  const { stopField } = settings;
  if (stopField === "none") return {};
  const { finish, matched = null, isEos } = generated;
  const reported = isLast && finish === "stop" && !(isEos && stopField === "stop_reason");
  return { [stopField]: reported ? matched : null };
}
