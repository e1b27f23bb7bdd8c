import { stopFieldOf, usageMode } from "../usage.ts";
import { head, metadataOf, usageOf } from "./sglang.ts";
import type { Wire } from "./wire.ts";

/** Chats of SGLang 0.5.23, as measured. The finish reason is in a part of its own. */
export const sglangChat: Wire = {
  opening: (call, choice) => [
    {
      ...head(call, choice.id, "chat.completion.chunk"),
      choices: [
        {
          index: choice.index,
          delta: { reasoning_content: null, role: "assistant", content: "" },
          logprobs: null,
          finish_reason: null,
          ...stopFieldOf(call, choice, false),
        },
      ],
    },
  ],
  part({ call, choice, isLast, text }) {
    const partOf = (delta: unknown, ends: boolean): unknown => ({
      ...head(call, choice.id, "chat.completion.chunk"),
      choices: [
        {
          index: choice.index,
          delta,
          logprobs: null,
          finish_reason: ends ? choice.generated.finish : null,
          ...stopFieldOf(call, choice, ends),
        },
      ],
    });
    return [
      ...(text === "" ? [] : [partOf({ reasoning_content: null, content: text }, false)]),
      ...(isLast ? [partOf({ reasoning_content: null }, true)] : []),
    ];
  },
  closing(call, last) {
    const mode = usageMode(call);
    if (mode === "none" || mode === "last-part") return [];
    const usage = { ...usageOf(call), completion_tokens_details: null };
    return [{ ...head(call, last.id, "chat.completion.chunk"), choices: [], usage }];
  },
  whole: (call) => ({
    ...head(call, call.id, "chat.completion"),
    choices: call.choices.map((choice) => ({
      index: choice.index,
      message: {
        role: "assistant",
        content: choice.visible.text(choice.generated.ids.length),
        reasoning_content: null,
      },
      logprobs: null,
      finish_reason: choice.generated.finish ?? null,
      ...stopFieldOf(call, choice, true),
    })),
    usage: { ...usageOf(call), completion_tokens_details: null },
    metadata: metadataOf(call),
  }),
  done: true,
};
