import * as z from "zod";
import { serverReport } from "./detect/report-schema.ts";
import type { ServerReport } from "./detect/server-report.ts";
import type { ApiKey } from "./http/keys.ts";
import type { Timeouts } from "./http/timeouts.ts";
import { isLocalTokenizer } from "./tokenizer/local-tokenizer.ts";
import type { LocalTokenizer } from "./tokenizer/local-tokenizer.ts";
import { engineProfileOverrides } from "./profile-overrides.ts";
import type { EngineProfileOverrides } from "./profile-overrides.ts";

/** Options of `createEngine` and `probeServer`. */
export interface CreateEngineOptions {
  /**
   * The server's OpenAI-compatible address, such as `http://127.0.0.1:8000/v1`; `/v1` may be left out. A query stays on
   * each request. Or several addresses of one model: a run stays with one of them, and goes on at the next one when that
   * is lost. `createEngine` succeeds if one answers; the others are connected to when they are needed. `probeServer`
   * takes one.
   */
  baseURL: string | readonly string[];
  /**
   * Sent as a bearer token, or as `api-key` where the address has Azure's `?api-version=`. A function returns the key
   * that is valid now: it is called before each request. White space around the key is removed. Never read from the
   * environment. @defaultValue none
   */
  apiKey?: string | (() => string | Promise<string>) | undefined;
  /** Name of a model that the server has. @defaultValue the first one that it lists */
  model?: string | undefined;
  /**
   * Most tokens of one call, prompt and generated tokens together. Required where the server does not report its
   * context; counted in characters where it has neither token ids nor a tokenizer. @defaultValue the server's context,
   * which is also the upper limit
   */
  contextTokens?: number | undefined;
  /**
   * Markers and control strings that may occur, besides the common ones. Those that are one token on this server count.
   *
   * @defaultValue none
   */
  controls?: readonly string[] | undefined;
  /**
   * A tokenizer in this process, from `localTokenizer` of `threadweaver/tokenizer`. It replaces the server's: no text
   * is sent to the server to be encoded or decoded. It must be the model's own. That is checked once, where the server
   * returns the ids of a text. @defaultValue the server's tokenizer
   */
  tokenizer?: LocalTokenizer | undefined;
  /** HTTP headers that are sent with every request. @defaultValue none */
  headers?: Readonly<Record<string, string>> | undefined;
  /** Replaces the `fetch` of undici. It should have no time limit of its own. */
  fetch?: typeof fetch | undefined;
  /**
   * A dispatcher of undici, instead of one that heeds HTTP_PROXY, HTTPS_PROXY and NO_PROXY: a `ProxyAgent`, or an
   * `Agent` with its own TLS options. Its `headersTimeout` and `bodyTimeout` should be 0, because a call may wait in the
   * server's queue; its own limit for connecting holds. It stays open when the engine closes, and after answers that are
   * no HTTP or no JSON, whose connections an engine otherwise gives up.
   */
  dispatcher?: HttpDispatcher | undefined;
  /** Parts of the server's profile that override what was detected. @defaultValue none */
  profile?: EngineProfileOverrides | undefined;
  /**
   * Whether to measure what forks cost on this server, with a few dozen short calls. Otherwise `forkCost` is "unknown".
   *
   * @defaultValue false
   */
  measureCache?: boolean | undefined;
  /**
   * What `engine.report` or `probeServer` gave for this server. Nothing is found out again then: one request is made, to
   * see whether the server is there and has the model. Of several addresses, it is used for its own. @defaultValue none
   */
  report?: ServerReport | undefined;
  /** Ends the connecting. The engine does not look at it once it is created. @defaultValue none */
  signal?: AbortSignal | undefined;
  /** How long the server may be silent. @defaultValue 10 s to connect, 600 s to the first token, 120 s between two */
  timeouts?: Timeouts | undefined;
}

/** The options for one address. */
export type ServerOptions = CreateEngineOptions & { baseURL: string };

/**
 * A dispatcher of undici, reduced to the one method that makes it one, so that users of these types do not need
 * undici's.
 */
export interface HttpDispatcher {
  dispatch(options: never, handler: never): boolean;
}

const address = z.url({ protocol: /^https?$/, error: "an address such as http://127.0.0.1:8000/v1" }).refine(isBare, {
  error: "no user, password or fragment: a key goes into apiKey or headers",
  abort: true,
});
const addresses = z
  .array(address)
  .min(1, "at least one address")
  .refine((list) => new Set(list).size === list.length, { error: "each address once" });

const milliseconds = z
  .int()
  .min(1)
  .max(2 ** 31 - 1);

export const createEngineOptions: z.ZodType<CreateEngineOptions> = z.strictObject({
  baseURL: z.custom<string | readonly string[]>().superRefine((value, context) => {
    const { error } = Array.isArray(value) ? addresses.safeParse(value) : address.safeParse(value);
    for (const { message, path } of error?.issues ?? []) context.addIssue({ code: "custom", message, path });
  }),
  apiKey: z
    .custom<ApiKey>((value) => typeof value === "string" || typeof value === "function", "a key, or a function")
    .optional(),
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
  report: serverReport.optional(),
  signal: z.instanceof(AbortSignal, { error: "an AbortSignal" }).optional(),
  timeouts: z
    .strictObject({
      connectMs: milliseconds.optional(),
      firstTokenMs: milliseconds.optional(),
      idleMs: milliseconds.optional(),
    })
    .optional(),
});

/** Secrets in an address would end up in messages and logs. */
function isBare(address: string): boolean {
  const url = URL.parse(address);
  return url === null || `${url.username}${url.password}${url.hash}` === "";
}
