import type { IncomingMessage } from "node:http";
import type { ByteTokenizer } from "./byte-tokenizer.ts";
import type { Wanted } from "./generation.ts";
import type { FakeKind } from "./options.ts";

export interface FakeRequest {
  /** Such as `GET /v1/models`. */
  line: string;
  path: string;
  body: Record<string, unknown>;
}

export async function readRequest(request: IncomingMessage): Promise<FakeRequest> {
  const parts: Uint8Array[] = [];
  for await (const part of request) if (part instanceof Uint8Array) parts.push(part);
  const text = Buffer.concat(parts).toString();
  const { method = "", url = "" } = request;
  const body: unknown = text === "" ? {} : JSON.parse(text);
  return { line: `${method} ${url}`, path: url, body: typeof body === "object" && body !== null ? { ...body } : {} };
}

/** What is asked for, or why it is refused. */
export function refusalOf(
  kind: FakeKind,
  body: Record<string, unknown>,
  tokenizer: ByteTokenizer,
  contextTokens: number,
): Wanted | string {
  const sampling = kind.startsWith("sglang") ? { ...body, ...nested(body["sampling_params"]) } : body;
  const given = sampling["input_ids"] ?? sampling["prompt"];
  if (kind === "text" && typeof given !== "string") return "prompt must be a string";
  const prompt = typeof given === "string" ? [tokenizer.bos, ...tokenizer.encode(given)] : numbers(given);
  const stopIds = numbers(sampling["stop_token_ids"]);
  const bias = Object.keys(nested(sampling["logit_bias"])).map(Number);
  const alien = [...prompt, ...stopIds].find((id) => id < 0 || id >= tokenizer.size);
  if (alien !== undefined && kind === "vllm") {
    return `token_id(s) [${alien}] contain out-of-vocab token ids. Vocabulary size: ${tokenizer.size}`;
  }
  if (bias.some((id) => id >= tokenizer.size)) return `logit_bias must has keys in [0, ${tokenizer.size - 1}].`;
  const reserved = kind.startsWith("sglang") ? 7 : 1;
  if (prompt.length > contextTokens - reserved) return `The input (${prompt.length} tokens) is too long.`;
  const asked = Number(sampling["max_tokens"] ?? sampling["max_new_tokens"] ?? sampling["n_predict"] ?? 16);
  const room = contextTokens - (kind.startsWith("sglang") ? 2 : 0) - prompt.length;
  const [forced = bias[0]] = numbers(sampling["allowed_token_ids"]);
  const showsStop = sampling[kind.startsWith("sglang") ? "no_stop_trim" : "include_stop_str_in_output"] === true;
  return { prompt, maxTokens: Math.min(asked, room), stopIds, forced, showsStop };
}

function numbers(value: unknown): number[] {
  return Array.isArray(value) ? value.filter((id) => typeof id === "number") : [];
}

function nested(value: unknown): Record<string, unknown> {
  return typeof value === "object" && value !== null ? { ...value } : {};
}
