import type { Call, Choice } from "../call.ts";
import { float } from "../json.ts";
import { llamaParams } from "./llamacpp-params.ts";
import { completionProbabilities } from "../logprobs.ts";
import { endsInsideCharacter } from "../raw-text.ts";
import type { Wire } from "./wire.ts";

/**
 * llama.cpp's own route, as measured on 0.5.0. The end of sequence is a token without text, in a part before the
 * last one.
 */
export const llamacpp: Wire = {
  part({ call, choice, from, to, text, isLast }) {
    const reported = reportedTokens(call, choice, from, to);
    const tokens = reported.map((at) => choice.generated.ids[at]);
    const part = {
      index: choice.index,
      content: text,
      tokens,
      stop: false,
      // Only the last part names it.
      id_slot: -1,
      tokens_predicted: to,
      tokens_evaluated: choice.prompt.length,
      ...(isLast && typeof choice.generated.matched === "string" ? timingsOf(call, choice) : {}),
      ...(call.asked.topLogprobs > 0
        ? { completion_probabilities: completionProbabilities(call, choice, reported) }
        : {}),
    };
    return [...(tokens.length === 0 && text === "" ? [] : [part]), ...(isLast ? [finalPart(call, choice, true)] : [])];
  },
  closing: () => [],
  whole(call) {
    const answers = call.choices.map((choice) => finalPart(call, choice, false));
    return answers.length === 1 ? answers[0] : answers;
  },
  done: false,
};

/**
 * Returns the places of the ids that a part returns. A token whose bytes end inside a character has no part, and the
 * next part returns only its own id.
 */
function reportedTokens({ settings }: Call, { generated }: Choice, from: number, to: number): number[] {
  const places = Array.from({ length: to - from }, (_, at) => from + at);
  return places.filter((at) => {
    if (generated.ids[at] === settings.tokenizer.eos && generated.isEos && !settings.tellsEnd) return false;
    return settings.tellsHalfCharacters || !endsInsideCharacter(settings.tokenizer, generated.ids.slice(0, at + 1));
  });
}

function finalPart(call: Call, choice: Choice, streams: boolean): unknown {
  const { ids, finish, matched } = choice.generated;
  const { tokenizer } = call.settings;
  const text = choice.visible.text(ids.length);
  const type =
    finish === "stop" ? (typeof matched === "number" ? "eos" : "word") : finish === "length" ? "limit" : "none";
  return {
    index: choice.index,
    content: streams ? "" : text,
    tokens: streams || call.asked.body["return_tokens"] !== true ? [] : ids,
    id_slot: slotOf(choice),
    stop: true,
    model: call.settings.modelName,
    tokens_predicted: ids.length,
    tokens_evaluated: choice.prompt.length,
    generation_settings: llamaParams(call.asked.body, { isAnswer: true }),
    prompt: tokenizer.decode(choice.prompt),
    has_new_line: text.includes("\n"),
    truncated: false,
    stop_type: type,
    stopping_word: typeof matched === "string" ? matched : "",
    tokens_cached: choice.prompt.length + Math.max(0, ids.length - 1),
    ...timingsOf(call, choice),
    ...(call.asked.topLogprobs > 0 && !streams ? { completion_probabilities: probabilitiesOf(call, choice) } : {}),
  };
}

function probabilitiesOf(call: Call, choice: Choice): unknown[] {
  return completionProbabilities(call, choice, [...choice.generated.ids.keys()]);
}

/** Times are always the same: 3 ms for a token of the prompt, 20 ms for a generated one. */
export function timingsOf({ settings }: Call, { prompt, cache, generated }: Choice): Record<string, unknown> {
  if (!settings.cacheReport) return {};
  const read = prompt.length - cache.hit;
  const written = generated.ids.length;
  return {
    timings: {
      cache_n: cache.hit,
      prompt_n: read,
      prompt_ms: float(read * 3),
      prompt_per_token_ms: float(3),
      prompt_per_second: float(1000 / 3),
      predicted_n: written,
      predicted_ms: float(written * 20),
      predicted_per_token_ms: float(20),
      predicted_per_second: float(50),
    },
  };
}

function slotOf({ cache }: Choice): number {
  return "slot" in cache && typeof cache.slot === "number" ? cache.slot : 0;
}
