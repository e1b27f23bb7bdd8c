import type { Call, Choice, Step } from "../call.ts";
import { logprobsOf } from "../logprobs.ts";
import { countsAt, countsOf, openaiCounts, stopFieldOf, usageMode } from "../usage.ts";
import { created } from "./wire.ts";
import type { Wire } from "./wire.ts";

/** vLLM 0.32.0, as measured. */
export const vllm: Wire = {
  part(step) {
    const { call, choice, to } = step;
    const mode = usageMode(call);
    const part = {
      ...head(call),
      choices: [choiceOf(step)],
      ...(mode === "continuous" || (mode === "last-part" && step.isLast)
        ? { usage: openaiCounts(countsAt(choice, to)) }
        : {}),
    };
    return [step.isLast && (mode === "none" || mode === "last-part") ? { ...part, ...fingerprint(call) } : part];
  },
  closing(call) {
    const mode = usageMode(call);
    if (mode === "none" || mode === "last-part") return [];
    return [
      {
        ...head(call),
        choices: [],
        usage: { ...openaiCounts(countsOf(call)), ...cachedInStream(call) },
        ...fingerprint(call),
      },
    ];
  },
  whole(call) {
    return {
      ...head(call),
      choices: call.choices.map((choice) => wholeChoice(call, choice)),
      service_tier: null,
      ...fingerprint(call),
      usage: wholeUsage(call, null),
      kv_transfer_params: null,
      ec_transfer_params: null,
      metrics: null,
    };
  },
  done: true,
};

function choiceOf({ call, choice, from, to, isLast, text, ids }: Step): unknown {
  const { wantsIds } = call.asked;
  return {
    index: choice.index,
    text,
    logprobs: logprobsOf(call, choice, from, to),
    finish_reason: isLast ? choice.generated.finish : null,
    ...stopFieldOf(call, choice, isLast),
    prompt_token_ids: wantsIds && from === 0 ? choice.prompt : null,
    token_ids: wantsIds ? ids : null,
  };
}

function wholeChoice(call: Call, choice: Choice): unknown {
  const { wantsIds } = call.asked;
  const { ids, finish } = choice.generated;
  return {
    index: choice.index,
    text: choice.visible.text(ids.length),
    logprobs: logprobsOf(call, choice, 0, ids.length),
    finish_reason: finish ?? null,
    ...stopFieldOf(call, choice, true),
    token_ids: wantsIds ? ids : null,
    prompt_logprobs: null,
    prompt_token_ids: wantsIds ? choice.prompt : null,
    routed_experts: null,
  };
}

function head({ id, settings }: Call): Record<string, unknown> {
  return { id, object: "text_completion", created, model: settings.modelName };
}

export function fingerprint({ settings }: Call): Record<string, unknown> {
  return { system_fingerprint: `vllm-${settings.version}-0bf2a2df` };
}

/** With several prompts, a stream returns the ids of the first one. */
function cachedInStream({ settings, choices }: Call): Record<string, unknown> {
  return settings.cacheReport ? { prompt_tokens_details: { cached_tokens: choices[0]?.cache.hit ?? 0 } } : {};
}

/** With several prompts, an answer that is not streamed returns the ids of the last one. */
export function wholeUsage(call: Call, createdCacheTokens: number | null): Record<string, unknown> {
  const details = {
    cached_tokens: call.choices.at(-1)?.cache.hit ?? 0,
    created_cache_tokens: createdCacheTokens,
    multimodal_tokens: null,
  };
  return {
    ...openaiCounts(countsOf(call)),
    prompt_tokens_details: call.settings.cacheReport ? details : null,
    completion_tokens_details: null,
  };
}
