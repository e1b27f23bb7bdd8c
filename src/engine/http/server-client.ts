import { lookup } from "node:dns";
import type { LookupFunction } from "node:net";
import { OpenAI } from "openai";
import { Agent, fetch as undiciFetch } from "undici";
import type { z } from "zod";
import { ThreadweaverError } from "../../errors.ts";
import { abortedError } from "../abort.ts";
import { nestErrors } from "./error-bodies.ts";
import { EventData } from "./event-data.ts";
import { serverError } from "./server-error.ts";
import type { CreateEngineOptions, HttpDispatcher } from "../server-options.ts";
import { retryStale } from "./stale-connections.ts";
import { IdleTimer } from "./idle-timer.ts";

const defaultTimeoutMs = 600_000;
/** Streams at once; more wait for a connection. */
const maxConnections = 2048;

/** vLLM and SGLang close a connection that was idle for 5 s; well before that it is not used again. */
const keepAliveMs = 2000;

/** HTTP to one server: one pool of connections, errors as ours; only what never reached it is sent again. Paths are below the server's root. */
export class ServerClient {
  /** The server's address as given, for people. */
  readonly address: string;
  readonly #root: string;
  readonly #openai: OpenAI;
  readonly #timeoutMs: number;
  readonly #closing: AbortController = new AbortController();
  readonly #agent: Agent;
  /** What must not stand in a message, even where the server repeats it. */
  readonly #secrets: readonly string[];

  constructor(options: CreateEngineOptions) {
    const { baseURL, apiKey, headers = {}, fetch, dispatcher, timeoutMs = defaultTimeoutMs } = options;
    this.address = baseURL.replace(/\/+$/, "");
    this.#root = this.address.replace(/\/v1$/, "");
    this.#timeoutMs = timeoutMs;
    // Its own time limits off, ours instead: a call may wait in the server's queue for longer than any of them.
    this.#agent = new Agent({
      headersTimeout: 0,
      bodyTimeout: 0,
      connections: maxConnections,
      keepAliveTimeout: keepAliveMs,
      connect: { lookup: lookupIpv4First },
    });
    this.#secrets = [...(apiKey === undefined ? [] : [apiKey]), ...Object.values(headers)];
    this.#openai = new OpenAI({
      baseURL: `${this.#root}/v1`,
      apiKey: apiKey ?? "none",
      // What the client would take from the environment otherwise belongs to another service.
      adminAPIKey: null,
      organization: null,
      project: null,
      logLevel: "off",
      maxRetries: 0,
      timeout: 2 ** 31 - 1,
      defaultHeaders: { ...(apiKey === undefined ? { Authorization: null } : {}), ...headers },
      fetch: nestErrors(retryStale(fetch ?? fetchThrough(dispatcher ?? this.#agent))),
    });
  }

  async get<T>(path: string, schema: z.ZodType<T>): Promise<T> {
    return this.#once(async (signal) => {
      const response = await this.#openai.get(`${this.#root}${path}`, { signal }).asResponse();
      return this.#parse(path, schema, await response.text());
    });
  }

  /** An answer without a body is undefined. */
  async post<T>(path: string, body: Record<string, unknown>, schema: z.ZodType<T>, caller?: AbortSignal): Promise<T> {
    return this.#once(async (signal) => {
      const response = await this.#openai.post(`${this.#root}${path}`, { body, signal }).asResponse();
      return this.#parse(path, schema, await response.text());
    }, caller);
  }

  /** The data of the answer's events, as many at a time as came together. */
  async *stream(
    path: string,
    body: Record<string, unknown>,
    caller: AbortSignal,
    headers: Record<string, string> = {},
  ): AsyncGenerator<readonly string[], void, undefined> {
    const idle = new IdleTimer(this.#timeoutMs, [caller, this.#closing.signal]);
    let answer: EventData | undefined;
    try {
      const response = await this.#openai
        .post(`${this.#root}${path}`, { body, headers, stream: false, signal: idle.signal })
        .asResponse();
      if (response.body === null) return;
      answer = new EventData(response.body, () => idle.reset());
      for (;;) {
        // oxlint-disable-next-line no-await-in-loop -- in the order in which it comes
        const came = await answer.next();
        if (came === undefined) return;
        yield came;
      }
    } catch (error) {
      throw this.#explain(error, idle, caller, answer !== undefined);
    } finally {
      idle.stop();
      await answer?.cancel();
    }
  }

  async close(): Promise<void> {
    this.#closing.abort();
    await this.#agent.destroy();
  }

  async #once<T>(request: (signal: AbortSignal) => Promise<T>, caller?: AbortSignal): Promise<T> {
    const others = caller === undefined ? [this.#closing.signal] : [this.#closing.signal, caller];
    const idle = new IdleTimer(this.#timeoutMs, others);
    try {
      return await request(idle.signal);
    } catch (error) {
      throw this.#explain(error, idle, caller);
    } finally {
      idle.stop();
    }
  }

  #parse<T>(path: string, schema: z.ZodType<T>, text: string): T {
    try {
      return schema.parse(text === "" ? undefined : JSON.parse(text));
    } catch (cause) {
      const message = `${this.address} answered ${path} in a form that is not known here.`;
      throw new ThreadweaverError("engine_refused", message, { cause });
    }
  }

  /** @param hasBegun whether the answer had. */
  #explain(error: unknown, idle: IdleTimer, caller?: AbortSignal, hasBegun = false): ThreadweaverError {
    if (caller?.aborted === true) return abortedError(caller);
    if (this.#closing.signal.aborted)
      return new ThreadweaverError("aborted", "The engine was closed.", { cause: error });
    if (idle.expired) {
      const message = `${this.address} was silent for ${this.#timeoutMs} ms (timeoutMs).`;
      return new ThreadweaverError("engine_failed", message, { cause: error });
    }
    if (!hasBegun) return serverError(error, this.address, this.#secrets);
    const message = `${this.address} dropped the connection in the middle of an answer.`;
    return new ThreadweaverError("engine_failed", message, { cause: error });
  }
}

/** undici's own fetch with its own agent: Node's built-in one would not understand an agent of another version. */
function fetchThrough(dispatcher: HttpDispatcher): typeof fetch {
  const through = (input: string, init: object): unknown => {
    const own: object = { ...init, dispatcher };
    return undiciFetch(input, own);
  };
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the same standard, declared twice
  return through as unknown as typeof fetch;
}

/** Servers that are started for `localhost` or a name often listen on IPv4 only. */
const lookupIpv4First: LookupFunction = (host, options, done) => lookup(host, { ...options, order: "ipv4first" }, done);
