import type { IncomingHttpHeaders } from "node:http";
import { renderChat } from "./chat-template.ts";
import { recordAt } from "./json.ts";
import type { Route } from "./routes.ts";
import type { Settings } from "./settings.ts";

/** What a call asks for, independent of the names of its fields. */
export interface Asked {
  route: Route;
  /** The body as it was sent. */
  body: Record<string, unknown>;
  prompts: readonly (readonly number[])[];
  /** How many answers each prompt gets. */
  n: number;
  /** Most tokens to generate. Undefined: as much as fits. */
  maxTokens: number | undefined;
  stopIds: readonly number[];
  stopStrings: readonly string[];
  ignoresEos: boolean;
  /** The only token that the model may generate. */
  forced: number | undefined;
  /** Whether the text holds what ended the call. */
  keepsStop: boolean;
  hidesSpecial: boolean;
  wantsIds: boolean;
  wantsLogprobs: boolean;
  /** How many likely tokens are returned at each place. */
  topLogprobs: number;
  /** Whether log-probabilities name tokens by their ids. */
  tokensAsIds: boolean;
  streams: boolean;
  /** Whether it finds out about the server: see the option `probed`. */
  isProbe: boolean;
  wantsUsage: "none" | "final" | "continuous";
  interval: number;
  /** The client's name for the call. */
  name: string | undefined;
  model: string | undefined;
}

export function readAsked(
  route: Route,
  body: Record<string, unknown>,
  headers: IncomingHttpHeaders,
  settings: Settings,
): Asked {
  const { family, streamInterval } = settings;
  const native = route === "generate";
  const sampling = native ? recordAt(body["sampling_params"]) : body;
  const options = recordAt(body["stream_options"]);
  const bias = Object.keys(recordAt(sampling["logit_bias"])).map(Number);
  const [forced = bias[0]] = numbersIn(sampling["allowed_token_ids"]);
  const stop = sampling["stop"];
  const logprobs = route === "native" ? body["n_probs"] : body["logprobs"];
  const prompts = promptsOf(route, body, settings);
  const maxTokens = maxTokensOf(route, sampling, settings);
  return {
    route,
    body,
    prompts,
    n: countOf(sampling["n"]) ?? 1,
    maxTokens,
    stopIds: numbersIn(sampling["stop_token_ids"]),
    stopStrings: typeof stop === "string" ? [stop] : stringsIn(stop),
    ignoresEos: sampling["ignore_eos"] === true,
    forced,
    keepsStop: sampling[family === "sglang" ? "no_stop_trim" : "include_stop_str_in_output"] === true,
    hidesSpecial: sampling["skip_special_tokens"] !== false,
    wantsIds: body["return_token_ids"] === true,
    wantsLogprobs: native ? body["return_logprob"] === true : typeof logprobs === "number",
    topLogprobs: countOf(native ? body["top_logprobs_num"] : logprobs) ?? 0,
    tokensAsIds: family === "vllm" && body["return_tokens_as_token_ids"] === true,
    streams: body["stream"] === true,
    isProbe:
      body["stream"] !== true ||
      forced !== undefined ||
      (maxTokens === 1 && (isMeasuring(sampling) || isLetter(route, body, prompts, settings))),
    wantsUsage:
      options["include_usage"] !== true ? "none" : options["continuous_usage_stats"] === true ? "continuous" : "final",
    interval: Math.max(streamInterval, intervalOf(route, sampling, settings)),
    name: nameOf(body, headers, settings),
    model: typeof body["model"] === "string" ? body["model"] : undefined,
  };
}

/** Runs have seeds of their own, which are large. */
function isMeasuring(sampling: Record<string, unknown>): boolean {
  return sampling["temperature"] === 0 && (sampling["seed"] ?? sampling["sampling_seed"]) === 1;
}

function isLetter(
  route: Route,
  body: Record<string, unknown>,
  prompts: readonly (readonly number[])[],
  { tokenizer }: Settings,
): boolean {
  if (route !== "chat") return prompts.every((ids) => ids.filter((id) => id !== tokenizer.bos).length === 1);
  const { messages } = body;
  return Array.isArray(messages) && messages.every((message) => String(recordAt(message)["content"]).length === 1);
}

function promptsOf(route: Route, body: Record<string, unknown>, { tokenizer, family }: Settings): number[][] {
  if (route === "chat") return [[tokenizer.bos, ...tokenizer.encode(renderChat(body, family))]];
  const given = body["input_ids"] ?? body["prompt"] ?? body["text"];
  const withBos = body["add_special_tokens"] !== false;
  const encode = (text: string): number[] => [...(withBos ? [tokenizer.bos] : []), ...tokenizer.encode(text)];
  if (typeof given === "string") return [encode(given)];
  if (!Array.isArray(given)) return [];
  if (given.every((item) => typeof item === "number") && given.length > 0) return [given];
  return given.map((item) => (typeof item === "string" ? encode(item) : numbersIn(item)));
}

function maxTokensOf(route: Route, sampling: Record<string, unknown>, { family }: Settings): number | undefined {
  if (route === "generate") return countOf(sampling["max_new_tokens"]) ?? 128;
  const asked = countOf(sampling["n_predict"] ?? sampling["max_tokens"] ?? sampling["max_completion_tokens"]);
  if (family === "llamacpp") return asked === undefined || asked < 0 ? undefined : asked;
  if (sampling["echo"] === true && asked === 0) return 1;
  return asked ?? (route === "chat" ? undefined : 16);
}

/** vLLM takes it in the body, SGLang only on its own route. */
function intervalOf(route: Route, sampling: Record<string, unknown>, { family }: Settings): number {
  const taken = family === "vllm" || route === "generate";
  return taken ? (countOf(sampling["stream_interval"]) ?? 1) : 1;
}

function nameOf(body: Record<string, unknown>, headers: IncomingHttpHeaders, { family }: Settings): string | undefined {
  const name = family === "vllm" ? (headers["x-request-id"] ?? body["request_id"]) : body["rid"];
  return typeof name === "string" ? name : undefined;
}

export function numbersIn(value: unknown): number[] {
  return Array.isArray(value) ? value.filter((id) => typeof id === "number") : [];
}

function stringsIn(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((item) => typeof item === "string") : [];
}

function countOf(value: unknown): number | undefined {
  return typeof value === "number" || (typeof value === "string" && /^\d+$/.test(value)) ? Number(value) : undefined;
}
