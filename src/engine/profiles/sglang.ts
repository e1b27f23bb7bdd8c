import type { EngineProfile } from "../profile.ts";
import { streamed } from "./common.ts";
import { vllm } from "./vllm.ts";

/** SGLang's completions, which return token ids from 0.5.17 on. */
const sglangCompletions: EngineProfile = {
  kind: "sglang",
  bulk: null,
  paths: { ...vllm.paths, abort: "/abort_request" },
  request: {
    ...vllm.request,
    constraint: { field: "regex", language: "regex" },
    id: "rid",
    interval: null,
    always: { skip_special_tokens: false, no_stop_trim: true, return_token_ids: true, ...streamed },
    logprobs: { logprobs: 1 },
    topLogprobs: { count: "logprobs", besides: {} },
  },
  answer: { ...vllm.answer, stopId: "choices.0.matched_stop", weightVersion: "metadata.weight_version" },
  tokenizer: { ...vllm.tokenizer, detokenized: "text", showSpecial: { skip_special_tokens: false } },
  // Of a context of 2,048 tokens it fills 2,046, but it takes prompts of up to 2,041: a call that broke off in the last
  // few tokens could not go on.
  context: { reserved: 6 },
  learn: { size: "logit_bias", force: "logit_bias", hide: "skip_special_tokens" },
  badIdsAreFatal: true,
  fork: "after-parent",
  cancel: "close",
};

/**
 * SGLang's own route, as measured on 0.5.16, the last version whose completions return no token ids. Each part of a
 * stream repeats what came before.
 */
export const sglangNative: EngineProfile = {
  ...sglangCompletions,
  paths: { ...sglangCompletions.paths, completions: "/generate" },
  request: {
    ...sglangCompletions.request,
    prompt: "input_ids",
    maxTokens: "sampling_params.max_new_tokens",
    stopIds: "sampling_params.stop_token_ids",
    stopStrings: "sampling_params.stop",
    temperature: "sampling_params.temperature",
    topP: "sampling_params.top_p",
    topK: "sampling_params.top_k",
    minP: "sampling_params.min_p",
    repetitionPenalty: "sampling_params.repetition_penalty",
    seed: "sampling_params.sampling_seed",
    constraint: { field: "sampling_params.regex", language: "regex" },
    interval: "sampling_params.stream_interval",
    always: {
      "sampling_params.skip_special_tokens": false,
      "sampling_params.no_stop_trim": true,
      stream: true,
    },
    logprobs: { return_logprob: true },
    topLogprobs: { count: "top_logprobs_num", besides: {} },
  },
  answer: {
    ids: "output_ids",
    promptIds: null,
    text: "text",
    reasoning: [],
    cumulative: true,
    finish: "meta_info.finish_reason.type",
    finishes: {},
    finishMessage: "meta_info.finish_reason.message",
    finishStatus: "meta_info.finish_reason.status_code",
    stopId: "meta_info.finish_reason.matched",
    endInIds: true,
    idsInsideCharacters: true,
    cachedTokens: "meta_info.cached_tokens",
    promptTokens: "meta_info.prompt_tokens",
    completionTokens: "meta_info.completion_tokens",
    logprobs: "meta_info.output_token_logprobs",
    topLogprobs: "meta_info.output_top_logprobs",
    weightVersion: "meta_info.weight_version",
  },
  learn: {
    size: "sampling_params.logit_bias",
    force: "sampling_params.logit_bias",
    hide: "sampling_params.skip_special_tokens",
  },
};

/** SGLang 0.5.23, as measured. Only its own route has a field for how many tokens a part may hold. */
export const sglang: EngineProfile = {
  ...sglangCompletions,
  bulk: {
    completions: sglangNative.paths.completions,
    request: sglangNative.request,
    answer: sglangNative.answer,
  },
};
