import { lookup } from "node:dns";
import type { LookupFunction } from "node:net";
import { OpenAI } from "openai";
import { Agent } from "undici";
import type * as z from "zod";
import { ThreadweaverError } from "../../errors.ts";
import { abortedError } from "../abort.ts";
import { nestErrors } from "./error-bodies.ts";
import { fetchThrough } from "./direct-fetch.ts";
import { EventData } from "./event-data.ts";
import { secretsOf } from "./secrets.ts";
import { serverError } from "./server-error.ts";
import type { CreateEngineOptions } from "../server-options.ts";
import { retryStale } from "./stale-connections.ts";
import { IdleTimer } from "./idle-timer.ts";

const defaultTimeoutMs = 600_000;
/** Streams at once; more wait for a connection. */
const maxConnections = 2048;

/** vLLM and SGLang close a connection that was idle for 5 s; well before that it is not used again. */
const keepAliveMs = 2000;

export interface StreamOptions {
  headers: Record<string, string>;
  caller: AbortSignal;
  closing: AbortController;
  /** Must not throw. */
  onData: (came: readonly string[]) => void;
}

/** HTTP to one server: one pool of connections, errors as ours; only what never reached it is sent again. Paths are below the server's root. */
export class ServerClient {
  /** The server's address as given, for people. */
  readonly address: string;
  readonly #root: string;
  readonly #openai: OpenAI;
  readonly #timeoutMs: number;
  /** Whether bytes can come past `fetch`. */
  readonly #takesSink: boolean;
  readonly #closing: AbortController = new AbortController();
  readonly #agent: Agent;
  /** What must not stand in a message, even where the server repeats it. */
  readonly #secrets: readonly string[];

  constructor(options: CreateEngineOptions) {
    const { baseURL, apiKey, headers = {}, fetch, dispatcher, timeoutMs = defaultTimeoutMs } = options;
    this.address = baseURL.replace(/\/+$/, "");
    this.#root = this.address.replace(/\/v1$/, "");
    this.#timeoutMs = timeoutMs;
    this.#takesSink = fetch === undefined;
    // Its own time limits off, ours instead: a call may wait in the server's queue for longer than any of them.
    this.#agent = new Agent({
      headersTimeout: 0,
      bodyTimeout: 0,
      connections: maxConnections,
      keepAliveTimeout: keepAliveMs,
      connect: { lookup: lookupIpv4First },
    });
    this.#secrets = secretsOf(apiKey, headers);
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

  /**
   * Hands on the data of the answer's events, as many at a time as came together. Returns when the answer is over, also
   * where `closing` ended it.
   *
   * @param caller where this has fired, it is what ended the answer.
   * @param closing closes the connection; aborted here where the server is silent for too long.
   */
  async stream(
    path: string,
    body: Record<string, unknown>,
    { headers, caller, closing, onData }: StreamOptions,
  ): Promise<void> {
    this.#checkOpen();
    const idle = new IdleTimer(this.#timeoutMs, [this.#closing.signal], closing);
    const { signal } = idle;
    const answer = new EventData({ signal, onBytes: () => idle.reset(), onData });
    try {
      await this.#open(path, body, headers, answer);
      await answer.over;
    } catch (error) {
      throw this.#explain(error, idle, caller, answer.hasBegun);
    } finally {
      idle.stop();
    }
    if (caller.aborted) throw abortedError(caller);
  }

  /** Returns when the answer has begun; what comes of it goes to `answer`. */
  async #open(
    path: string,
    body: Record<string, unknown>,
    headers: Record<string, string>,
    answer: EventData,
  ): Promise<void> {
    const { signal } = answer;
    // The client hands on what it does not know; a user's own fetch is left without.
    const fetchOptions: object = this.#takesSink ? { sink: answer } : {};
    const response = await this.#openai
      .post(`${this.#root}${path}`, { body, headers, stream: false, signal, fetchOptions })
      .asResponse();
    if (answer.hasBegun) return;
    if (response.body === null) answer.end();
    else void answer.readAll(response.body);
  }

  async close(): Promise<void> {
    this.#closing.abort();
    await this.#agent.destroy();
  }

  async #once<T>(request: (signal: AbortSignal) => Promise<T>, caller?: AbortSignal): Promise<T> {
    this.#checkOpen();
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

  #checkOpen(): void {
    if (!this.#closing.signal.aborted) return;
    throw new ThreadweaverError("closed", `The engine on ${this.address} was closed. Create a new one.`);
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
      return new ThreadweaverError("timeout", message, { cause: error, retryable: true });
    }
    if (!hasBegun) return serverError(error, this.address, this.#secrets);
    const message = `${this.address} dropped the connection in the middle of an answer.`;
    return new ThreadweaverError("engine_failed", message, { cause: error, retryable: true });
  }
}

/** Servers that are started for `localhost` or a name often listen on IPv4 only. */
const lookupIpv4First: LookupFunction = (host, options, done) => lookup(host, { ...options, order: "ipv4first" }, done);
