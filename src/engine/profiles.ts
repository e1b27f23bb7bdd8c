import type { EngineProfile } from "./profile.ts";

const streamed = { stream: true, stream_options: { include_usage: true } } as const;
const samplingInFull = { top_k: -1, min_p: 0, presence_penalty: 0, frequency_penalty: 0 } as const;
/** Routers and replicas that know neither ignore them. */
const sessionHeaders = ["X-Session-ID", "X-SMG-Routing-Key"] as const;

/** vLLM 0.32.0, as measured. */
export const vllm: EngineProfile = {
  kind: "vllm",
  paths: { completions: "/v1/completions", tokenize: "/tokenize", detokenize: "/detokenize", abort: null },
  request: {
    prompt: "prompt",
    promptAs: "ids",
    continues: null,
    maxTokens: "max_tokens",
    stopIds: "stop_token_ids",
    temperature: "temperature",
    topP: "top_p",
    repetitionPenalty: "repetition_penalty",
    seed: "seed",
    id: null,
    interval: "stream_interval",
    always: {
      ...samplingInFull,
      skip_special_tokens: false,
      include_stop_str_in_output: true,
      return_token_ids: true,
      ...streamed,
    },
    logprobs: { logprobs: 0 },
    sessionHeaders,
  },
  answer: {
    ids: "choices.0.token_ids",
    text: "choices.0.text",
    cumulative: false,
    finish: "choices.0.finish_reason",
    finishes: { stop: "stop", length: "length" },
    finishMessage: null,
    stopId: "choices.0.stop_reason",
    endInIds: true,
    idsInsideCharacters: true,
    cachedTokens: "usage.prompt_tokens_details.cached_tokens",
    logprobs: "choices.0.logprobs.token_logprobs",
    weightVersion: null,
  },
  unheard: null,
  tokenizer: {
    text: "prompt",
    bos: "add_special_tokens",
    ids: "tokens",
    detokenized: "prompt",
    showSpecial: {},
    template: "tokenize",
  },
  context: { reserved: 0, promptMargin: 1 },
  learn: { size: "stop_token_ids", force: "allowed_token_ids", hide: "skip_special_tokens" },
  badIdsAreFatal: false,
  fork: "at-once",
  cancel: "close",
};

/** SGLang's completions, which tell ids from 0.5.17 on. */
const sglangCompletions: EngineProfile = {
  kind: "sglang",
  unheard: null,
  paths: { ...vllm.paths, abort: "/abort_request" },
  request: {
    ...vllm.request,
    id: "rid",
    interval: null,
    always: { ...samplingInFull, skip_special_tokens: false, no_stop_trim: true, return_token_ids: true, ...streamed },
    logprobs: { logprobs: 1 },
  },
  answer: { ...vllm.answer, stopId: "choices.0.matched_stop", weightVersion: "metadata.weight_version" },
  tokenizer: { ...vllm.tokenizer, detokenized: "text", showSpecial: { skip_special_tokens: false } },
  // Of 2,048 it uses 2,046, and takes prompts of up to 2,041.
  context: { reserved: 2, promptMargin: 7 },
  learn: { size: "logit_bias", force: "logit_bias", hide: "skip_special_tokens" },
  badIdsAreFatal: true,
  fork: "after-parent",
  cancel: "close",
};

/** SGLang's own interface, the only one that tells ids before 0.5.17. Its parts repeat what came before. */
export const sglangNative: EngineProfile = {
  ...sglangCompletions,
  paths: { ...sglangCompletions.paths, completions: "/generate" },
  request: {
    ...sglangCompletions.request,
    prompt: "input_ids",
    maxTokens: "sampling_params.max_new_tokens",
    stopIds: "sampling_params.stop_token_ids",
    temperature: "sampling_params.temperature",
    topP: "sampling_params.top_p",
    repetitionPenalty: "sampling_params.repetition_penalty",
    seed: null,
    always: {
      "sampling_params.top_k": -1,
      "sampling_params.min_p": 0,
      "sampling_params.skip_special_tokens": false,
      "sampling_params.no_stop_trim": true,
      stream: true,
    },
    logprobs: { return_logprob: true },
  },
  answer: {
    ids: "output_ids",
    text: "text",
    cumulative: true,
    finish: "meta_info.finish_reason.type",
    finishes: { stop: "stop", length: "length" },
    finishMessage: "meta_info.finish_reason.message",
    stopId: "meta_info.finish_reason.matched",
    endInIds: true,
    idsInsideCharacters: true,
    cachedTokens: "meta_info.cached_tokens",
    logprobs: "meta_info.output_token_logprobs",
    weightVersion: "meta_info.weight_version",
  },
  learn: { size: null, force: "sampling_params.logit_bias", hide: "sampling_params.skip_special_tokens" },
};

/** SGLang 0.5.23, as measured. Only its own interface takes how many tokens may come at once. */
export const sglang: EngineProfile = {
  ...sglangCompletions,
  unheard: {
    completions: sglangNative.paths.completions,
    request: {
      ...sglangNative.request,
      seed: "sampling_params.sampling_seed",
      interval: "sampling_params.stream_interval",
    },
    answer: sglangNative.answer,
  },
};

/** The server of llama.cpp, by its own route: the other tells no ids. It takes no stop ids: markers are cut by us. */
export const llamacpp: EngineProfile = {
  kind: "llamacpp",
  paths: { completions: "/completion", tokenize: "/tokenize", detokenize: "/detokenize", abort: null },
  request: {
    ...vllm.request,
    maxTokens: "n_predict",
    stopIds: null,
    repetitionPenalty: "repeat_penalty",
    interval: null,
    always: { top_k: 0, min_p: 0, cache_prompt: true, return_tokens: true, stream: true },
    logprobs: {},
  },
  answer: {
    ids: "tokens",
    text: "content",
    cumulative: false,
    finish: "stop_type",
    finishes: { eos: "stop", word: "stop", limit: "length" },
    finishMessage: null,
    stopId: null,
    endInIds: false,
    idsInsideCharacters: false,
    cachedTokens: "timings.cache_n",
    logprobs: null,
    weightVersion: null,
  },
  unheard: null,
  tokenizer: {
    text: "content",
    bos: "add_special",
    ids: "tokens",
    detokenized: "content",
    showSpecial: {},
    template: "/apply-template",
  },
  context: { reserved: 0, promptMargin: 1 },
  learn: { size: null, force: null, hide: null },
  badIdsAreFatal: false,
  fork: "at-once",
  cancel: "close",
};

/** Any server with OpenAI's completions and no more: text in, text out. */
export const generic: EngineProfile = {
  kind: "generic",
  paths: { completions: "/v1/completions", tokenize: null, detokenize: null, abort: null },
  request: {
    ...vllm.request,
    promptAs: "text",
    stopIds: null,
    repetitionPenalty: null,
    interval: null,
    always: { stream: true },
    logprobs: {},
    sessionHeaders: [],
  },
  answer: { ...vllm.answer, ids: null, stopId: null, logprobs: null },
  unheard: null,
  tokenizer: { ...vllm.tokenizer, template: null },
  context: { reserved: 0, promptMargin: 1 },
  learn: { size: null, force: null, hide: null },
  badIdsAreFatal: false,
  fork: "at-once",
  cancel: "close",
};

/** Any server with OpenAI's chats and no more: whole turns in, text out. What it thinks apart from its answer is not read. */
export const chatOnly: EngineProfile = {
  ...generic,
  paths: { ...generic.paths, completions: "/v1/chat/completions" },
  request: {
    ...generic.request,
    prompt: "messages",
    promptAs: "messages",
    always: { ...streamed },
  },
  answer: { ...generic.answer, text: "choices.0.delta.content" },
};

/** The chats of vLLM and SGLang, and of whoever has learnt their fields: they go on inside a turn. */
export const chatContinue: EngineProfile = {
  ...chatOnly,
  request: {
    ...chatOnly.request,
    continues: { continue_final_message: true, add_generation_prompt: false },
    always: { ...streamed, skip_special_tokens: false },
  },
};

/** An unknown server that has learnt vLLM's fields, as many have. */
const likeVllm: EngineProfile = { ...vllm, kind: "generic" };

/** What to try with a server of a kind that completes, best first. */
export const candidates: Record<EngineProfile["kind"], readonly EngineProfile[]> = {
  vllm: [vllm, withoutIds(vllm), generic],
  sglang: [sglang, sglangNative],
  llamacpp: [llamacpp],
  generic: [likeVllm, withoutIds(likeVllm), generic],
};

/**
 * The profile of a server that tells no ids. Prompts stay ids where it takes them; markers are found in the text, so what
 * ended a call must not be shown: it would be the end of sequence.
 */
export function withoutIds(profile: EngineProfile): EngineProfile {
  const hidden = ["return_token_ids", "include_stop_str_in_output", "no_stop_trim"];
  const always = Object.fromEntries(
    Object.entries(profile.request.always).filter(([field]) => !hidden.includes(field)),
  );
  return {
    ...profile,
    request: { ...profile.request, stopIds: null, always },
    answer: { ...profile.answer, ids: null, logprobs: null },
    unheard: null,
  };
}
