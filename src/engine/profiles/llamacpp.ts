import type { EngineProfile } from "../profile.ts";
import { vllm } from "./vllm.ts";

/**
 * The server of llama.cpp, through its own route, since its OpenAI route returns no token ids. It takes no stop ids, so
 * its stream is closed at the first one.
 */
export const llamacpp: EngineProfile = {
  kind: "llamacpp",
  paths: { completions: "/completion", tokenize: "/tokenize", detokenize: "/detokenize", abort: null },
  request: {
    ...vllm.request,
    maxTokens: "n_predict",
    stopIds: null,
    stopStrings: null,
    repetitionPenalty: "repeat_penalty",
    constraint: { field: "grammar", language: "gbnf" },
    interval: null,
    always: { cache_prompt: true, return_tokens: true, stream: true },
    logprobs: { n_probs: 1 },
    topLogprobs: { count: "n_probs", besides: {} },
  },
  answer: {
    ids: "tokens",
    promptIds: null,
    text: "content",
    reasoning: [],
    cumulative: false,
    finish: "stop_type",
    finishes: { word: "stop" },
    finishMessage: null,
    finishStatus: null,
    stopId: null,
    endInIds: false,
    idsInsideCharacters: false,
    cachedTokens: "timings.cache_n",
    promptTokens: "tokens_evaluated",
    completionTokens: "tokens_predicted",
    logprobs: "completion_probabilities",
    topLogprobs: "completion_probabilities",
    weightVersion: null,
  },
  bulk: null,
  tokenizer: {
    text: "content",
    bos: "add_special",
    ids: "tokens",
    detokenized: "content",
    showSpecial: {},
    template: "/apply-template",
  },
  context: { reserved: 0 },
  learn: { size: null, force: null, hide: null },
  badIdsAreFatal: false,
  fork: "at-once",
  cancel: "close",
};
