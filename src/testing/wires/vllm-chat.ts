import type { Call } from "../call.ts";
import { countsAt, countsOf, openaiCounts, stopFieldOf, usageMode } from "../usage.ts";
import { fingerprint, wholeUsage } from "./vllm.ts";
import { created } from "./wire.ts";
import type { Wire } from "./wire.ts";

/** Chats of vLLM 0.32.0, as measured. */
export const vllmChat: Wire = {
  opening(call, { index, prompt }) {
    const choice = { index, delta: { role: "assistant", content: "" }, logprobs: null, finish_reason: null };
    const ids = call.asked.wantsIds ? prompt : null;
    return [{ ...head(call, "chat.completion.chunk"), choices: [choice], prompt_token_ids: ids, prompt_text: null }];
  },
  part({ call, choice, to, isLast, text, ids }) {
    const mode = usageMode(call);
    const shown = {
      index: choice.index,
      delta: { content: text },
      logprobs: null,
      finish_reason: isLast ? choice.generated.finish : null,
      ...(isLast ? stopFieldOf(call, choice, true) : {}),
      token_ids: call.asked.wantsIds ? ids : null,
    };
    const counts = mode === "continuous" || (mode === "last-part" && isLast);
    return [
      {
        ...head(call, "chat.completion.chunk"),
        choices: [shown],
        ...(counts ? { usage: openaiCounts(countsAt(choice, to)) } : {}),
        ...(isLast && (mode === "none" || mode === "last-part") ? fingerprint(call) : {}),
      },
    ];
  },
  closing(call) {
    const mode = usageMode(call);
    if (mode === "none" || mode === "last-part") return [];
    const cached = { cached_tokens: call.choices[0]?.cache.hit ?? 0, created_cache_tokens: 0 };
    const details = call.settings.cacheReport ? { prompt_tokens_details: cached } : {};
    const usage = { ...openaiCounts(countsOf(call)), ...details };
    return [{ ...head(call, "chat.completion.chunk"), choices: [], usage, ...fingerprint(call) }];
  },
  whole(call) {
    const { wantsIds } = call.asked;
    return {
      ...head(call, "chat.completion"),
      choices: call.choices.map((choice) => ({
        index: choice.index,
        message: {
          role: "assistant",
          content: choice.visible.text(choice.generated.ids.length),
          refusal: null,
          annotations: null,
          audio: null,
          function_call: null,
          reasoning: null,
        },
        logprobs: null,
        finish_reason: choice.generated.finish ?? null,
        ...stopFieldOf(call, choice, true),
        token_ids: wantsIds ? choice.generated.ids : null,
        routed_experts: null,
      })),
      service_tier: null,
      ...fingerprint(call),
      usage: wholeUsage(call, 0),
      prompt_logprobs: null,
      prompt_token_ids: wantsIds ? call.choices[0]?.prompt : null,
      prompt_text: null,
      kv_transfer_params: null,
      ec_transfer_params: null,
      metrics: null,
    };
  },
  done: true,
};

function head({ id, settings }: Call, object: string): Record<string, unknown> {
  return { id, object, created, model: settings.modelName };
}
