import type { FakeKind } from "./options.ts";

/** What a part of an answer says. */
export interface Part {
  model: string;
  /** New in this part. */
  text: string;
  ids: readonly number[];
  /** Of the whole answer so far. */
  wholeText: string;
  wholeIds: readonly number[];
  promptTokens: number;
  finish: "stop" | "length" | "abort" | undefined;
  /** With `stop`: what ended it. */
  stopId: number | undefined;
  isEos: boolean;
  /** Undefined where the server was not started to tell. */
  cachedTokens: number | undefined;
}

/** How one kind of server writes. Key order and nulls as the servers write them. */
export interface Wire {
  /** A part of a stream, or the whole answer where it is not streamed. */
  part(part: Part): unknown;
  /** A last part with the counts, where there is one. */
  usage(part: Part): unknown;
  /** Whether a stream ends with `[DONE]`. */
  done: boolean;
  error(status: number, message: string): unknown;
  errorEvent(status: number, message: string): unknown;
}

const created = 1795423162;

const vllm: Wire = {
  part: ({ model, text, ids, finish, stopId, isEos }) => ({
    ...completion(model, [
      {
        index: 0,
        text,
        logprobs: null,
        finish_reason: finish ?? null,
        stop_reason: finish === "stop" && !isEos ? (stopId ?? null) : null,
        prompt_token_ids: null,
        token_ids: ids,
      },
    ]),
  }),
  usage: (part) => ({ ...completion(part.model, []), usage: usageOf(part) }),
  done: true,
  error: (status, message) =>
    status === 401
      ? { error: "Unauthorized" }
      : {
          error: {
            message,
            type: status === 400 ? "BadRequestError" : "Service Unavailable",
            param: null,
            code: status,
          },
        },
  errorEvent: (status, message) => ({ error: { message, type: "InternalServerError", param: null, code: status } }),
};

const sglang: Wire = {
  part: ({ model, text, ids, finish, stopId }) => ({
    ...completion(model, [
      {
        index: 0,
        text,
        logprobs: null,
        finish_reason: finish ?? null,
        matched_stop: finish === "stop" ? (stopId ?? null) : null,
        token_ids: ids,
      },
    ]),
    usage: null,
  }),
  usage: (part) => vllm.usage(part),
  done: true,
  error: (status, message) =>
    status === 401
      ? { error: "Unauthorized" }
      : {
          object: "error",
          message,
          type: status === 400 ? "BadRequestError" : String(status),
          param: null,
          code: status,
        },
  errorEvent: (status, message) => ({
    error: { object: "error", message, type: "SERVICE_UNAVAILABLE", param: null, code: status },
  }),
};

const sglangNative: Wire = {
  ...sglang,
  part: ({ wholeText, wholeIds, finish, stopId, promptTokens, cachedTokens }) => ({
    text: wholeText,
    output_ids: wholeIds,
    meta_info: {
      id: "82b2",
      finish_reason: nativeFinish(finish, stopId, wholeIds.length),
      prompt_tokens: promptTokens,
      weight_version: "default",
      completion_tokens: wholeIds.length,
      cached_tokens: cachedTokens ?? 0,
    },
  }),
  usage: () => undefined,
};

const llamacpp: Wire = {
  part: ({ text, ids, finish, isEos, cachedTokens }) => ({
    index: 0,
    content: text,
    tokens: isEos ? ids.slice(0, -1) : ids,
    stop: finish !== undefined,
    ...(finish === undefined ? {} : { stop_type: finish === "length" ? "limit" : "eos", stopping_word: "" }),
    ...(finish === undefined || cachedTokens === undefined ? {} : { timings: { cache_n: cachedTokens } }),
  }),
  usage: () => undefined,
  done: false,
  error: (status, message) => ({ error: { code: status, message, type: "invalid_request_error" } }),
  errorEvent: (status, message) => ({ error: { code: status, message, type: "server_error" } }),
};

const text: Wire = {
  ...vllm,
  part: ({ model, text: said, finish }) =>
    completion(model, [{ index: 0, text: said, logprobs: null, finish_reason: finish ?? null }]),
  usage: () => undefined,
};

export const wires: Record<FakeKind, Wire> = {
  vllm,
  sglang,
  "sglang-native": sglangNative,
  llamacpp,
  text,
  chat: vllm,
};

/** SGLang's completions of before 0.5.17. */
export const withoutIds: Wire = {
  ...sglang,
  part: ({ model, text: said, finish, stopId }) =>
    completion(model, [
      {
        index: 0,
        text: said,
        logprobs: null,
        finish_reason: finish ?? null,
        matched_stop: finish === "stop" ? stopId : null,
      },
    ]),
};

function completion(model: string, choices: readonly unknown[]): Record<string, unknown> {
  return { id: "cmpl-9f24d41a209d0ed0", object: "text_completion", created, model, choices };
}

function usageOf({ promptTokens, wholeIds, cachedTokens }: Part): Record<string, unknown> {
  return {
    prompt_tokens: promptTokens,
    total_tokens: promptTokens + wholeIds.length,
    completion_tokens: wholeIds.length,
    ...(cachedTokens === undefined ? {} : { prompt_tokens_details: { cached_tokens: cachedTokens } }),
  };
}

function nativeFinish(finish: Part["finish"], stopId: number | undefined, length: number): unknown {
  if (finish === undefined) return null;
  if (finish === "stop") return { type: "stop", matched: stopId };
  return finish === "length" ? { type: "length", length } : { type: "abort", message: "Aborted" };
}
