import type { Call, Choice } from "../call.ts";
import { countsAt, countsOf, openaiCounts, stopFieldOf, usageMode } from "../usage.ts";
import type { Counts } from "../usage.ts";
import { created } from "./wire.ts";
import type { Wire } from "./wire.ts";

/** OpenAI's completions without any additions. */
export const text: Wire = {
  part({ call, choice, to, isLast, text: said }) {
    const mode = usageMode(call);
    const counts = mode === "continuous" || (mode === "last-part" && isLast);
    return [
      {
        ...head(call),
        choices: [choiceOf(call, choice, said, isLast)],
        ...(counts ? { usage: usageOf(call, countsAt(choice, to)) } : {}),
      },
    ];
  },
  closing(call) {
    const mode = usageMode(call);
    if (mode === "none" || mode === "last-part") return [];
    return [{ ...head(call), choices: [], usage: usageOf(call, countsOf(call)) }];
  },
  whole: (call) => ({
    ...head(call),
    choices: call.choices.map((choice) =>
      choiceOf(call, choice, choice.visible.text(choice.generated.ids.length), true),
    ),
    ...(usageMode(call) === "none" ? {} : { usage: usageOf(call, countsOf(call)) }),
  }),
  done: true,
};

function choiceOf(call: Call, choice: Choice, said: string, ends: boolean): unknown {
  return {
    index: choice.index,
    text: said,
    logprobs: null,
    finish_reason: ends ? (choice.generated.finish ?? null) : null,
    ...stopFieldOf(call, choice, ends),
  };
}

function usageOf({ settings }: Call, counts: Counts): Record<string, unknown> {
  const cached = settings.cacheReport ? { prompt_tokens_details: { cached_tokens: counts.cached } } : {};
  return { ...openaiCounts(counts), ...cached };
}

function head({ id, settings }: Call): Record<string, unknown> {
  return { id, object: "text_completion", created, model: settings.modelName };
}
