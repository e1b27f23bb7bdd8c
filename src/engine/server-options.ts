import * as z from "zod";
import { isLocalTokenizer } from "./tokenizer/local-tokenizer.ts";
import type { LocalTokenizer } from "./tokenizer/local-tokenizer.ts";
import { engineProfileOverrides } from "./profile-overrides.ts";
import type { EngineProfileOverrides } from "./profile-overrides.ts";

export interface CreateEngineOptions {
  /** The server's OpenAI-compatible address, such as `http://127.0.0.1:8000/v1`; `/v1` may be left out. */
  baseURL: string;
  /** Sent as a bearer token. Never taken from the environment. */
  apiKey?: string | undefined;
  /** Name of a model that the server has. Default: the first it lists. */
  model?: string | undefined;
  /** Prompt and generated tokens of one call, at most. Default and upper limit: what the server says. */
  contextTokens?: number | undefined;
  /** Markers and control strings that may occur, beyond the common ones; those that are one token here count. */
  controls?: readonly string[] | undefined;
  /**
   * A tokenizer in this process, from `localTokenizer` of `threadweaver/tokenizer`, instead of the server's: no text is
   * sent there to be encoded or decoded. It must be the model's own: that is checked once, where the server tells what
   * it makes of a text.
   */
  tokenizer?: LocalTokenizer | undefined;
  /** Sent with every request. */
  headers?: Readonly<Record<string, string>> | undefined;
  /** Instead of undici's. It must not time out by itself. */
  fetch?: typeof fetch | undefined;
  /**
   * Of undici: a `ProxyAgent`, or an `Agent` with TLS options of its own. Its `headersTimeout` and `bodyTimeout` should be
   * 0: a call may wait in the server's queue. It stays open when the engine closes.
   */
  dispatcher?: HttpDispatcher | undefined;
  /** Parts of the server's profile, instead of what was detected. */
  profile?: EngineProfileOverrides | undefined;
  /** Measure what forks cost on this server: a few dozen short calls. Otherwise `forkCost` stays "unknown". */
  measureCache?: boolean | undefined;
  /**
   * Longest silence of the server, in milliseconds: before it answers, and between two parts of an answer. A call that
   * waits in the server's queue is silent too. Default 600,000.
   */
  timeoutMs?: number | undefined;
}

/** A dispatcher of undici, by the one method that makes it one: so users of these types need none of undici's. */
export interface HttpDispatcher {
  dispatch(options: never, handler: never): boolean;
}

export const createEngineOptions: z.ZodType<CreateEngineOptions> = z.strictObject({
  baseURL: z
    .url({ protocol: /^https?$/, error: "an address such as http://127.0.0.1:8000/v1" })
    .refine(isBare, { error: "no user, password, query or fragment: a key goes into apiKey or headers", abort: true }),
  apiKey: z.string().min(1).optional(),
  model: z.string().min(1).optional(),
  contextTokens: z.int().min(2).optional(),
  controls: z.array(z.string().min(1)).readonly().optional(),
  tokenizer: z
    .custom<LocalTokenizer>(isLocalTokenizer, "what localTokenizer of threadweaver/tokenizer returns")
    .optional(),
  headers: z.record(z.string(), z.string()).readonly().optional(),
  fetch: z.custom<typeof fetch>((value) => typeof value === "function", "a function").optional(),
  dispatcher: z
    .custom<HttpDispatcher>(
      (value) => typeof value === "object" && value !== null && "dispatch" in value,
      "a dispatcher of undici",
    )
    .optional(),
  profile: engineProfileOverrides.optional(),
  measureCache: z.boolean().optional(),
  timeoutMs: z
    .int()
    .min(1)
    .max(2 ** 31 - 1)
    .optional(),
});

/** Secrets in an address would end up in messages and logs. */
function isBare(address: string): boolean {
  const url = URL.parse(address);
  return url === null || `${url.username}${url.password}${url.search}${url.hash}` === "";
}
