import type { Call, Choice } from "../call.ts";
import { countsAt } from "../usage.ts";
import { timingsOf } from "./llamacpp.ts";
import { created } from "./wire.ts";
import type { Wire } from "./wire.ts";

/**
 * `/v1/completions` of llama.cpp, as measured on 0.5.0. It returns no ids, and does not say which stop ended an
 * answer.
 */
export const llamacppOpenai: Wire = {
  part: ({ call, choice, text, isLast }) => [
    ...(text === "" && isLast ? [] : [{ choices: [choiceOf(choice, text, false)], ...head(call), id: call.id }]),
    ...(isLast ? [final(call, choice, "")] : []),
  ],
  closing: () => [],
  whole: (call) => {
    const answers = call.choices.map((choice) => final(call, choice, choice.visible.text(choice.generated.ids.length)));
    return answers.length === 1 ? answers[0] : answers;
  },
  done: true,
};

function final(call: Call, choice: Choice, text: string): unknown {
  const { prompt, completion, cached } = countsAt(choice, choice.generated.ids.length);
  const usage = {
    completion_tokens: completion,
    prompt_tokens: prompt,
    total_tokens: prompt + completion,
    prompt_tokens_details: { cached_tokens: cached },
  };
  return {
    choices: [choiceOf(choice, text, true)],
    ...head(call),
    ...(call.settings.usage === "none" ? {} : { usage }),
    id: call.id,
    ...timingsOf(call, choice),
  };
}

function choiceOf({ index, generated: { finish } }: Choice, text: string, ends: boolean): unknown {
  return { text, index, logprobs: null, finish_reason: ends ? (finish ?? null) : null };
}

function head({ settings }: Call): Record<string, unknown> {
  return { created, model: settings.modelName, system_fingerprint: settings.version, object: "text_completion" };
}
