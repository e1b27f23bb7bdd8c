import type { Call, Choice } from "../call.ts";
import { countsOf } from "../usage.ts";
import { timingsOf } from "./llamacpp.ts";
import { created } from "./wire.ts";
import type { Wire } from "./wire.ts";

/**
 * Chats of llama.cpp b10573, as in its source. The finish reason is in a part of its own, and counts are sent only when
 * requested.
 */
export const llamacppChat: Wire = {
  opening: (call, choice) => [partOf(call, choice, { role: "assistant", content: null }, false)],
  part: ({ call, choice, text, isLast }) => [
    ...(text === "" ? [] : [partOf(call, choice, { content: text }, false)]),
    ...(isLast ? [partOf(call, choice, {}, true)] : []),
  ],
  closing(call, last) {
    if (call.asked.wantsUsage === "none" || call.settings.usage === "none") return [];
    return [{ choices: [], ...head(call, "chat.completion.chunk"), usage: usageOf(call), ...timingsOf(call, last) }];
  },
  whole(call) {
    const { id, ...rest } = head(call, "chat.completion");
    const choices = call.choices.map((choice) => ({
      finish_reason: finishOf(choice),
      index: choice.index,
      message: { role: "assistant", content: choice.visible.text(choice.generated.ids.length) },
    }));
    const [first] = call.choices;
    return { choices, ...rest, usage: usageOf(call), id, ...(first === undefined ? {} : timingsOf(call, first)) };
  },
  done: true,
};

function partOf(call: Call, choice: Choice, delta: unknown, ends: boolean): unknown {
  const shown = { finish_reason: ends ? finishOf(choice) : null, index: choice.index, delta };
  return { choices: [shown], ...head(call, "chat.completion.chunk") };
}

function finishOf({ generated: { finish } }: Choice): string | null {
  return finish ?? null;
}

function head({ id, settings }: Call, object: string): Record<string, unknown> {
  return { created, id, model: settings.modelName, system_fingerprint: settings.version, object };
}

function usageOf(call: Call): unknown {
  const { prompt, completion, cached } = countsOf(call);
  return {
    completion_tokens: completion,
    prompt_tokens: prompt,
    total_tokens: prompt + completion,
    prompt_tokens_details: { cached_tokens: cached },
  };
}
