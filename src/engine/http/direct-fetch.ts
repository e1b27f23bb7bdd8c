import { fetch as undiciFetch } from "undici";
import type { Dispatcher } from "undici";
import type { HttpDispatcher } from "../server-options.ts";

/** Takes the body of an answer as it arrives from the connection. */
export interface ByteSink {
  /** Closes the connection when it fires. */
  readonly signal: AbortSignal;
  /** The answer has a 2xx status, and its body follows. */
  begin(): void;
  bytes(came: Uint8Array): void;
  /** Nothing more arrives. With an error, the answer broke off. */
  end(broken?: { error: unknown }): void;
}

/**
 * The `fetch` of undici through a dispatcher. Node's built-in `fetch` does not accept an agent of another undici
 * version.
 *
 * A request with a `sink` bypasses `fetch`, and its response has no body: the bytes go to the sink. In `fetch`, each
 * part of a stream passes through two streams and a dozen promises, which takes longer than everything done with it
 * here. Answers that are redirected, or compressed although that was not requested, are left to `fetch`.
 */
export function fetchThrough(dispatcher: HttpDispatcher): typeof fetch {
  const through = async (input: string, init: RequestInit & { sink?: ByteSink }): Promise<unknown> => {
    const { sink, ...plain } = init;
    const answer = sink === undefined ? undefined : await direct(dispatcher, input, plain, sink);
    const own: object = { ...plain, dispatcher };
    return answer ?? undiciFetch(input, own);
  };
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the same standard, declared twice
  return through as unknown as typeof fetch;
}

/** Resolves to undefined where `fetch` has to make the request instead. */
function direct(
  dispatcher: HttpDispatcher,
  input: string,
  { method = "GET", headers, body }: RequestInit,
  sink: ByteSink,
): Promise<Response | undefined> {
  const { origin, pathname, search } = new URL(input);
  const given = Object.fromEntries(new Headers(headers));
  return new Promise((resolve, reject) => {
    const options: Dispatcher.DispatchOptions = {
      origin,
      path: pathname + search,
      method,
      headers: { ...given, "accept-encoding": "identity" },
      body: typeof body === "string" ? body : null,
    };
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- users' types need none of undici's
    (dispatcher as unknown as Dispatcher).dispatch(options, new DirectAnswer(sink, resolve, reject));
  });
}

/** Handles one answer. All versions of undici's dispatchers accept methods of this form. */
class DirectAnswer {
  readonly #sink: ByteSink;
  readonly #resolve: (response: Response | undefined) => void;
  readonly #reject: (error: Error) => void;
  #abort: ((error?: Error) => void) | undefined;
  /** Where the body goes: to the sink, into an error, or nowhere. Undefined before the headers. */
  #body: "sink" | "error" | "nowhere" | undefined;
  #status = 0;
  #headers = new Headers();
  readonly #said: Uint8Array[] = [];

  constructor(sink: ByteSink, resolve: (response: Response | undefined) => void, reject: (error: Error) => void) {
    this.#sink = sink;
    this.#resolve = resolve;
    this.#reject = reject;
    // Listens from the start, since a request may wait long for a connection.
    sink.signal.addEventListener("abort", this.#onAbort, { once: true });
  }

  onConnect(abort: (error?: Error) => void): void {
    this.#abort = abort;
    if (this.#sink.signal.aborted) this.#onAbort();
  }

  onHeaders(status: number, raw: readonly Buffer[]): boolean {
    if (status < 200) return true;
    this.#status = status;
    if (isForFetch(status, raw)) {
      this.#body = "nowhere";
      this.#resolve(undefined);
      this.#onAbort();
    } else if (status < 300) {
      this.#body = "sink";
      this.#sink.begin();
      this.#resolve(new Response(null, { status }));
    } else {
      this.#body = "error";
      this.#headers = headersFrom(raw);
    }
    return true;
  }

  onData(chunk: Uint8Array): boolean {
    if (this.#body === "sink") this.#sink.bytes(chunk);
    else if (this.#body === "error") this.#said.push(chunk);
    return true;
  }

  onComplete(): void {
    this.#forget();
    if (this.#body === "sink") this.#sink.end();
    else if (this.#body === "error") {
      const of = { status: this.#status, headers: this.#headers };
      this.#resolve(new Response(Buffer.concat(this.#said), of));
    }
  }

  onError(error: Error): void {
    this.#forget();
    if (this.#body === "sink") this.#sink.end({ error });
    // The same error as from `fetch`.
    else this.#reject(new TypeError("fetch failed", { cause: error }));
  }

  readonly #onAbort = (): void => {
    const error = new DOMException("The request was aborted.", "AbortError");
    if (this.#abort === undefined) this.#reject(error);
    else this.#abort(error);
  };

  #forget(): void {
    this.#sink.signal.removeEventListener("abort", this.#onAbort);
  }
}

/** Names and values alternate. */
function headersFrom(raw: readonly Buffer[]): Headers {
  const headers = new Headers();
  for (let at = 0; at + 1 < raw.length; at += 2) headers.append(String(raw[at]), String(raw[at + 1]));
  return headers;
}

function isForFetch(status: number, raw: readonly Buffer[]): boolean {
  if (status >= 300 && status < 400) return true;
  const coding = raw.findIndex((name, at) => at % 2 === 0 && name.toString().toLowerCase() === "content-encoding");
  return coding >= 0 && raw[coding + 1]?.toString() !== "identity";
}
