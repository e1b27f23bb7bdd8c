import { renderChat } from "./chat-template.ts";
import { errorBody } from "./errors.ts";
import { recordAt } from "./json.ts";
import { unknownModel } from "./refusals/vllm.ts";
import type { Family, Settings } from "./settings.ts";
import { llamaModels, llamaProps } from "./llamacpp-about.ts";
import { created } from "./wires/wire.ts";

export interface SmallAnswer {
  status: number;
  /** The body. Undefined: an empty one. */
  body: unknown;
}

type Answer = (settings: Settings, body: Record<string, unknown>) => unknown;

const empty = (): undefined => undefined;

const vllm: Record<string, Answer> = {
  "GET /v1/models": (settings) => models(settings, vllmModel(settings)),
  "GET /version": ({ version }) => ({ version }),
  "GET /health": empty,
  "GET /ping": empty,
  "POST /ping": empty,
  "GET /load": () => ({ server_load: 0 }),
  "POST /tokenize": (settings, body) => {
    const tokens = tokenize(settings, body);
    return { count: tokens.length, max_model_len: settings.contextTokens, tokens, token_strs: null };
  },
  "POST /detokenize": ({ tokenizer }, body) => ({ prompt: tokenizer.decode(idsIn(body)) }),
};

const sglang: Record<string, Answer> = {
  "GET /v1/models": ({ contextTokens, modelName, ...settings }) =>
    models({ ...settings, contextTokens, modelName }, { root: modelName, parent: null, max_model_len: contextTokens }),
  "GET /health": empty,
  "GET /server_info": ({ version, cacheReport }) => ({ enable_cache_report: cacheReport, version }),
  "GET /model_info": ({ modelName }) => ({
    model_path: modelName,
    served_model_name: modelName,
    tokenizer_path: modelName,
    is_generation: true,
    weight_version: "default",
  }),
  "POST /abort_request": empty,
  "POST /tokenize": tokenizeOnSglang,
  "POST /v1/tokenize": tokenizeOnSglang,
  "POST /detokenize": ({ tokenizer }, body) => {
    const shows = body["skip_special_tokens"] === false;
    return { text: shows ? tokenizer.decode(idsIn(body)) : tokenizer.decodeVisible(idsIn(body)) };
  },
};

const llamacpp: Record<string, Answer> = {
  "GET /v1/models": llamaModels,
  "GET /health": () => ({ status: "ok" }),
  "GET /props": llamaProps,
  "POST /tokenize": (settings, body) => ({ tokens: tokenize(settings, body) }),
  "POST /detokenize": ({ tokenizer }, body) => ({ content: tokenizer.decode(idsIn(body)) }),
  // It adds a begin of sequence to each prompt, so it takes the one of the template away.
  "POST /apply-template": ({ family }, body) => ({ prompt: renderChat(body, family) }),
};

const generic: Record<string, Answer> = {
  "GET /v1/models": (settings) => models(settings, { max_model_len: settings.contextTokens }),
  "GET /health": () => ({}),
};

const answers: Record<Family, Record<string, Answer>> = { vllm, sglang, llamacpp, generic };

/** The answers of a server's other paths. Undefined where it has no such path. */
export function smallAnswer(
  settings: Settings,
  method: string,
  path: string,
  body: Record<string, unknown>,
): SmallAnswer | undefined {
  if (settings.family === "vllm") {
    const refusal =
      path === "/inference/v1/abort_requests"
        ? { status: 403, message: scaleOut }
        : path === "/tokenize" && typeof body["model"] === "string"
          ? unknownModel(body["model"], settings)
          : undefined;
    if (refusal !== undefined) return { status: refusal.status, body: errorBody(settings, undefined, refusal) };
  }
  const answer = answers[settings.family][`${method} ${path}`];
  return answer === undefined ? undefined : { status: 200, body: answer(settings, body) };
}

const scaleOut = "Scale-out endpoints are disabled. Restart vllm serve with --enable-scale-out to enable them.";

function models({ modelName, family }: Settings, more: Record<string, unknown>): unknown {
  const model = { id: modelName, object: "model", created, owned_by: family, ...more };
  return { object: "list", data: [model] };
}

function vllmModel({ modelName, contextTokens }: Settings): Record<string, unknown> {
  const permission = {
    id: "modelperm-8d004f179a9a6ca8",
    object: "model_permission",
    created,
    allow_create_engine: false,
    allow_sampling: true,
    allow_logprobs: true,
    allow_search_indices: false,
    allow_view: true,
    allow_fine_tuning: false,
    organization: "*",
    group: null,
    is_blocking: false,
  };
  return { root: `models/${modelName}`, parent: null, max_model_len: contextTokens, permission: [permission] };
}

/**
 * vLLM and SGLang put `<s>` before a text unless they are asked not to, llama.cpp only if it is asked to. Templates
 * write it themselves.
 */
function tokenize({ tokenizer, family }: Settings, body: Record<string, unknown>): number[] {
  if (body["messages"] !== undefined) return [tokenizer.bos, ...tokenizer.encode(renderChat(body))];
  const text = body["prompt"] ?? body["content"];
  const withBos = family === "llamacpp" ? body["add_special"] === true : body["add_special_tokens"] !== false;
  return [...(withBos ? [tokenizer.bos] : []), ...tokenizer.encode(typeof text === "string" ? text : "")];
}

function tokenizeOnSglang(settings: Settings, body: Record<string, unknown>): unknown {
  const { prompt } = body;
  if (Array.isArray(prompt)) {
    const tokens = prompt.map((one: unknown) => tokenize(settings, { ...body, prompt: one }));
    return { tokens, count: tokens.map((ids) => ids.length), max_model_len: settings.contextTokens };
  }
  const tokens = tokenize(settings, body);
  return { tokens, count: tokens.length, max_model_len: settings.contextTokens };
}

function idsIn(body: Record<string, unknown>): number[] {
  const { tokens } = recordAt(body);
  return Array.isArray(tokens) ? tokens.map(Number) : [];
}
