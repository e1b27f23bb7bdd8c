import type { Call, Choice } from "../call.ts";
import { continuesChat, messagesOf } from "../chat-template.ts";
import { countsOf } from "../usage.ts";
import { timingsOf } from "./llamacpp.ts";
import { created } from "./wire.ts";
import type { Wire } from "./wire.ts";

/**
 * Chats of llama.cpp, as measured on 0.5.0. The finish reason is in a part of its own, and counts are sent only when
 * requested. An answer that goes on with a message begins with that message,
 * unless the request says that it goes on.
 */
export const llamacppChat: Wire = {
  opening: (call, choice) => [partOf(call, choice, { role: "assistant", content: null }, false)],
  part({ call, choice, from, text, isLast }) {
    const content = (from === 0 ? begunIn(call) : "") + text;
    return [
      ...(content === "" ? [] : [partOf(call, choice, { content }, false)]),
      ...(isLast ? [{ ...partOf(call, choice, {}, true), ...(tellsUsage(call) ? {} : timingsOf(call, choice)) }] : []),
    ];
  },
  closing(call, last) {
    if (!tellsUsage(call)) return [];
    return [{ choices: [], ...head(call, "chat.completion.chunk"), usage: usageOf(call), ...timingsOf(call, last) }];
  },
  whole(call) {
    const { id, ...rest } = head(call, "chat.completion");
    const choices = call.choices.map((choice) => ({
      finish_reason: finishOf(choice),
      index: choice.index,
      message: { role: "assistant", content: begunIn(call) + choice.visible.text(choice.generated.ids.length) },
    }));
    const [first] = call.choices;
    return { choices, ...rest, usage: usageOf(call), id, ...(first === undefined ? {} : timingsOf(call, first)) };
  },
  done: true,
};

function tellsUsage({ asked, settings }: Call): boolean {
  return asked.wantsUsage !== "none" && settings.usage !== "none";
}

function begunIn({ asked: { body } }: Call): string {
  return body["continue_final_message"] !== true && continuesChat(body, "llamacpp")
    ? (messagesOf(body).at(-1)?.content ?? "")
    : "";
}

function partOf(call: Call, choice: Choice, delta: unknown, ends: boolean): Record<string, unknown> {
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
