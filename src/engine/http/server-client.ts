import { OpenAI } from "openai";
import type * as z from "zod";
import { ThreadweaverError } from "../../errors.ts";
import { abortedError } from "../abort.ts";
import { createAgent } from "./agent.ts";
import { Connections } from "./connections.ts";
import { nestErrors } from "./error-bodies.ts";
import { fetchThrough } from "./direct-fetch.ts";
import { EventData } from "./event-data.ts";
import { cleanHeaders, cleanKey, currentKey } from "./keys.ts";
import type { ApiKey } from "./keys.ts";
import { masked, Secrets } from "./secrets.ts";
import { serverError } from "./server-error.ts";
import type { ServerOptions } from "../server-options.ts";
import { readAddress } from "./api-address.ts";
import type { ApiAddress } from "./api-address.ts";
import { isRefusal } from "./refusal.ts";
import { retryStale } from "./stale-connections.ts";
import { keepErrors } from "./connection-failure.ts";
import { deepestMessage, isNoHttp, timedOut } from "./network-error.ts";
import { isPage, readable } from "../wire/said.ts";
import { followFaithfully } from "./redirects.ts";
import { SilenceTimer } from "./silence-timer.ts";
import { timeLimits, timeoutError } from "./timeouts.ts";
import type { TimeLimits } from "./timeouts.ts";

export interface StreamOptions {
  headers: Record<string, string>;
  caller: AbortSignal;
  closing: AbortController;
  /** Must not throw. */
  onData: (came: readonly string[]) => void;
}

/** What a request is made with. */
interface Given {
  headers: Record<string, string>;
  signal: AbortSignal;
}

/** What is known of a request that failed. */
interface Failed {
  caller: AbortSignal | undefined;
  /** Its own, which may hold secrets. */
  headers?: Readonly<Record<string, string>> | undefined;
  /** Whether the answer had begun. */
  hasBegun?: boolean | undefined;
  /** Whether the answer was not streamed. */
  isWhole?: boolean | undefined;
}

/**
 * HTTP to one server, with one pool of connections. Its errors are those of this library. Only a request that never
 * reached the server is sent again. Paths are relative to the server's root.
 */
export class ServerClient {
  /** The server's address as given, for messages. */
  readonly address: string;
  /** What the address says of the model. */
  readonly deployment: string | undefined;
  readonly #root: string;
  readonly #query: string;
  readonly #keyHeader: ApiAddress["keyHeader"];
  #bases: readonly string[];
  #base: string;
  readonly #openai: OpenAI;
  readonly #limits: TimeLimits;
  /** Whether connections are made by the agent of this client, so that its limits hold. */
  readonly #isOwnAgent: boolean;
  /** Whether answers can bypass `fetch`. */
  readonly #takesSink: boolean;
  readonly #closing: AbortController = new AbortController();
  readonly #connections: Connections;
  /** Values that must not appear in a message, even if the server repeats them. */
  readonly #secrets: Secrets;
  /** Undefined where there is none, or where the headers have one. */
  readonly #apiKey: ApiKey | undefined;

  constructor(options: ServerOptions) {
    const { baseURL, apiKey, fetch, dispatcher, timeouts } = options;
    const headers = cleanHeaders(options.headers ?? {});
    const { address, query, deployment, keyHeader, root, bases } = readAddress(baseURL);
    this.address = address;
    this.deployment = deployment;
    this.#query = query;
    this.#keyHeader = keyHeader;
    this.#root = root;
    this.#bases = bases;
    [this.#base] = bases;
    this.#limits = timeLimits(timeouts);
    this.#isOwnAgent = fetch === undefined && dispatcher === undefined;
    this.#takesSink = fetch === undefined;
    this.#connections = new Connections(() => createAgent(address, this.#limits.connectMs));
    this.#secrets = new Secrets({ ...headers, ...Object.fromEntries(new URLSearchParams(query)) });
    const hasOwn = Object.keys(headers).some((name) => ["authorization", keyHeader].includes(name.toLowerCase()));
    this.#apiKey = hasOwn ? undefined : typeof apiKey === "string" ? cleanKey(apiKey) : apiKey;
    this.#openai = new OpenAI({
      baseURL: this.#base,
      // Each request gets its own: a key may be one that rotates.
      apiKey: "none",
      // Otherwise the client reads these from the environment, where they belong to another service.
      adminAPIKey: null,
      organization: null,
      project: null,
      logLevel: "off",
      maxRetries: 0,
      timeout: 2 ** 31 - 1,
      defaultHeaders: { Authorization: null, ...headers },
      fetch: nestErrors(
        keepErrors(followFaithfully(retryStale(fetch ?? fetchThrough(dispatcher ?? this.#connections)))),
      ),
    });
  }

  /**
   * Runs something that asks the API, in each place where it may be, until one of them has it. That place is used from
   * then on.
   */
  async inSomeBase<T>(ask: () => Promise<T>): Promise<T> {
    let first: { error: unknown } | undefined;
    for (const base of this.#bases) {
      this.#base = base;
      try {
        // oxlint-disable-next-line no-await-in-loop -- the next is tried only if this one has nothing
        const answer = await ask();
        this.#bases = [base];
        return answer;
      } catch (error) {
        first ??= { error };
        if (!isRefusal(error)) break;
      }
    }
    this.#base = this.#bases[0] ?? this.#base;
    throw first?.error;
  }

  /** What stands between the address and the paths of the API. */
  get base(): string {
    return this.#base.slice(this.address.length);
  }

  /** Uses this base from now on, since it is known. */
  settle(base: string): void {
    this.#base = this.address + base;
    this.#bases = [this.#base];
  }

  /** Paths under `/v1` are those of the API, which a provider may have elsewhere. The others are the server's own. */
  #urlOf(path: string): string {
    const url = path.startsWith("/v1/") ? `${this.#base}${path.slice("/v1".length)}` : `${this.#root}${path}`;
    return url + this.#query;
  }

  async get<T>(path: string, schema: z.ZodType<T>): Promise<T> {
    return this.#whole(path, schema, (given) => this.#openai.get(this.#urlOf(path), given).asResponse());
  }

  /** Resolves to undefined for an answer without a body. */
  async post<T>(path: string, body: Record<string, unknown>, schema: z.ZodType<T>, caller?: AbortSignal): Promise<T> {
    const open = (given: Given): Promise<Response> =>
      this.#openai.post(this.#urlOf(path), { body, ...given }).asResponse();
    return this.#whole(path, schema, open, caller);
  }

  /**
   * Streams an answer. `onData` gets the data of its events, as many at a time as arrived together. Resolves when the
   * answer is over, also when `closing` ended it.
   *
   * @param caller the caller's signal. If it has fired, the call fails with `aborted`.
   * @param closing closes the connection. It is aborted here when the server is silent for too long.
   */
  async stream(
    path: string,
    body: Record<string, unknown>,
    { headers, caller, closing, onData }: StreamOptions,
  ): Promise<void> {
    this.#checkOpen();
    const timer = new SilenceTimer(this.#limits, [this.#closing.signal], closing);
    const { signal } = timer;
    const { connections } = this;
    const answer = new EventData({
      signal,
      onBytes: () => timer.heard(),
      onData: (came) => {
        timer.answered();
        onData(came);
      },
      onDone: () => timer.finishing(),
    });
    try {
      const own = cleanHeaders(headers);
      await this.#open(path, body, { ...(await this.#authorization(signal)), ...own }, answer);
      await answer.over;
    } catch (error) {
      if (answer.hasBegun) closing.abort(); // what cannot be read is not waited for
      if (isNoHttp(error)) this.giveUp(connections);
      throw this.#explain(error, timer, { caller, headers, hasBegun: answer.hasBegun });
    } finally {
      timer.stop();
    }
    if (caller.aborted) throw abortedError(caller);
  }

  /** Resolves when the answer has begun. Its data goes to `answer`. */
  async #open(
    path: string,
    body: Record<string, unknown>,
    headers: Record<string, string>,
    answer: EventData,
  ): Promise<void> {
    const { signal } = answer;
    // The client passes unknown options on to `fetch`. A user's own `fetch` does not get a sink.
    const fetchOptions: object = this.#takesSink ? { sink: answer } : {};
    const response = await this.#openai
      .post(this.#urlOf(path), { body, headers, stream: false, signal, fetchOptions })
      .asResponse();
    if (answer.hasBegun) return;
    if (response.body === null) answer.end();
    else void answer.readAll(response.body);
  }

  async close(): Promise<void> {
    this.#closing.abort();
    await this.#connections.destroy();
  }

  /** Stands for the connections that requests are made on now, for `giveUp`. */
  get connections(): object {
    return this.#connections.current;
  }

  /**
   * A request got an answer that is no protocol, so later requests use new connections. A user's own dispatcher or
   * `fetch` keeps its connections.
   *
   * @param used what `connections` was when the request was made.
   */
  giveUp(used: object): void {
    this.#connections.giveUp(used);
  }

  /** Removes what must not appear from words of the server. @param headers those of the request. */
  mask(said: string, headers: Readonly<Record<string, string>> = {}): string {
    return masked(said, this.#secrets.with(headers));
  }

  async #authorization(signal: AbortSignal): Promise<Record<string, string>> {
    if (this.#apiKey === undefined) return {};
    const key = await currentKey(this.#apiKey, signal);
    this.#secrets.add(key);
    return { [this.#keyHeader]: this.#keyHeader === "authorization" ? `Bearer ${key}` : key };
  }

  /** An answer that is not streamed. */
  async #whole<T>(
    path: string,
    schema: z.ZodType<T>,
    open: (given: Given) => Promise<Response>,
    caller?: AbortSignal,
  ): Promise<T> {
    this.#checkOpen();
    const others = caller === undefined ? [this.#closing.signal] : [this.#closing.signal, caller];
    const timer = new SilenceTimer(this.#limits, others);
    const { signal } = timer;
    const { connections } = this;
    let hasBegun = false;
    try {
      const response = await open({ headers: await this.#authorization(signal), signal });
      hasBegun = true;
      return this.#parse(path, schema, await response.text());
    } catch (error) {
      const failure = this.#explain(error, timer, { caller, isWhole: true });
      if ((hasBegun && failure.retryable) || isNoHttp(error)) this.giveUp(connections);
      throw failure;
    } finally {
      timer.stop();
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
      const said = this.mask(readable(text));
      const message = isPage(text)
        ? `${this.address} answered ${path} with ${said}, not with JSON: is baseURL the address of its API?`
        : `${this.address} answered ${path} in an unknown form: ${said}`;
      // What is no JSON may have been cut off, or its connection may be out of order.
      const retryable = cause instanceof SyntaxError;
      // The error of a parser repeats some of the text.
      throw new ThreadweaverError("engine_refused", message, { retryable, ...(said === readable(text) && { cause }) });
    }
  }

  #explain(error: unknown, timer: SilenceTimer, failed: Failed): ThreadweaverError {
    const { caller, headers = {}, hasBegun = false, isWhole = false } = failed;
    if (caller?.aborted === true) return abortedError(caller);
    if (this.#closing.signal.aborted)
      return new ThreadweaverError("aborted", "The engine was closed.", { cause: error });
    const { address } = this;
    const { expired } = timer;
    if (expired !== undefined) return timeoutError(address, expired, this.#limits, { cause: error, isWhole });
    const waitedFor = timedOut(error);
    if (waitedFor !== undefined) {
      const limits = this.#isOwnAgent && waitedFor === "connection" ? this.#limits : { said: deepestMessage(error) };
      return timeoutError(address, waitedFor, limits, { cause: error, isWhole });
    }
    if (ThreadweaverError.isInstance(error)) return error;
    if (!hasBegun) return serverError(error, address, this.#secrets.with(headers));
    const message = `${address} broke off in the middle of an answer: ${deepestMessage(error)}.`;
    return new ThreadweaverError("engine_failed", message, { cause: error, retryable: true });
  }
}
