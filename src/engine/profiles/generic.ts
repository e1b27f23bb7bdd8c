import type { EngineProfile } from "../profile.ts";
import { counted } from "./common.ts";
import { vllm } from "./vllm.ts";

/** Any server that has only OpenAI's completions: text in, text out. */
export const generic: EngineProfile = {
  kind: "generic",
  paths: { completions: "/v1/completions", tokenize: null, detokenize: null, abort: null },
  request: {
    ...vllm.request,
    promptAs: "text",
    stopIds: null,
    stopStrings: null,
    topK: null,
    minP: null,
    repetitionPenalty: null,
    constraint: null,
    interval: null,
    always: { stream: true },
    optional: counted,
    logprobs: null,
    topLogprobs: null,
    sessionHeaders: [],
  },
  answer: {
    ...vllm.answer,
    ids: null,
    promptIds: null,
    stopId: null,
    reasoning: ["choices.0.reasoning_content", "choices.0.reasoning"],
    logprobs: null,
    topLogprobs: null,
  },
  bulk: null,
  tokenizer: { ...vllm.tokenizer, template: null },
  context: { reserved: 0 },
  learn: { size: null, force: null, hide: null },
  badIdsAreFatal: false,
  fork: "at-once",
  cancel: "close",
};

/** An unknown server that accepts vLLM's fields, as many do. */
export const likeVllm: EngineProfile = {
  ...vllm,
  kind: "generic",
  request: { ...vllm.request, stopStrings: null, constraint: null },
};
