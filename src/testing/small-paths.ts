import type { ByteTokenizer } from "./byte-tokenizer.ts";
import type { FakeKind, FakeServerOptions } from "./options.ts";

const owners: Record<FakeKind, string> = {
  vllm: "vllm",
  sglang: "sglang",
  "sglang-native": "sglang",
  llamacpp: "llamacpp",
  text: "somebody",
  chat: "somebody",
};

const versions: Partial<Record<FakeKind, string>> = {
  vllm: "0.32.0",
  sglang: "0.5.23",
  "sglang-native": "0.5.16",
  llamacpp: "b10573",
};

/** What a server says of itself; undefined where it has no such path. */
export function describe(
  kind: FakeKind,
  line: string,
  { version = versions[kind], contextTokens = 2048, cacheReport = true }: FakeServerOptions,
  { size }: ByteTokenizer,
): unknown {
  if (line === "GET /v1/models") {
    const length =
      kind === "llamacpp" ? { meta: { n_ctx: contextTokens, n_vocab: size } } : { max_model_len: contextTokens };
    return { object: "list", data: [{ id: "forkjoin-arith", object: "model", owned_by: owners[kind], ...length }] };
  }
  if (line === "GET /version" && kind === "vllm") return { version };
  if (line === "GET /server_info" && kind.startsWith("sglang")) return { version, enable_cache_report: cacheReport };
  if (line === "GET /props" && kind === "llamacpp") {
    return { default_generation_settings: { n_ctx: contextTokens }, total_slots: 4, build_info: version };
  }
  return line === "GET /health" ? {} : undefined;
}

/** The tokenizer's paths, in the words of each server. */
export function tokenizerAnswer(
  kind: FakeKind,
  path: string,
  body: Record<string, unknown>,
  tokenizer: ByteTokenizer,
): unknown {
  if (kind === "text" || kind === "chat") return undefined;
  if (path === "/apply-template" && kind === "llamacpp") return { prompt: `<s>${rendered(body["messages"])}` };
  if (path === "/tokenize") {
    const messages = body["messages"];
    const text = messages === undefined ? textOf(body["prompt"] ?? body["content"]) : `<s>${rendered(messages)}`;
    const withBos = body["add_special_tokens"] === true || body["add_special"] === true;
    const tokens = [...(withBos ? [tokenizer.bos] : []), ...tokenizer.encode(text)];
    return kind === "llamacpp" ? { tokens } : { count: tokens.length, max_model_len: 2048, tokens };
  }
  if (path !== "/detokenize") return undefined;
  const ids = Array.isArray(body["tokens"]) ? body["tokens"].map(Number) : [];
  const shown =
    kind.startsWith("sglang") && body["skip_special_tokens"] !== false ? ids.filter((id) => id > 257 || id < 256) : ids;
  const text = tokenizer.decode(shown);
  if (kind === "llamacpp") return { content: text };
  return kind === "vllm" ? { prompt: text } : { text };
}

function textOf(value: unknown): string {
  return typeof value === "string" ? value : "";
}

/** The small model's template: each message trimmed, and a line feed. */
function rendered(messages: unknown): string {
  const list: unknown[] = Array.isArray(messages) ? messages : [];
  return list
    .map((message) =>
      typeof message === "object" && message !== null && "content" in message ? String(message.content).trim() : "",
    )
    .map((content) => `${content}\n`)
    .join("");
}
