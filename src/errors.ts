/**
 * What can go wrong, distinguished by `code`. One class, because callers branch on the code and not on the prototype;
 * a `Symbol.for` marker, because two copies of this package may meet in one program.
 */
export type ErrorCode =
  /** An option, flag or argument that cannot be used. */
  | "invalid_option"
  /** A dialect that does not describe a format that can be run. */
  | "invalid_dialect"
  /** A prompt that cannot be run: empty, holding control strings, or not fit for this engine. */
  | "invalid_prompt"
  /** The prompt alone does not leave room for one token in the model's context. */
  | "context_exceeded"
  /** The engine could not be loaded or reached. */
  | "engine_unavailable"
  /** The engine refused a request (wrong model, wrong key, bad field). */
  | "engine_refused"
  /** The engine broke off, or answered something that is not its protocol. */
  | "engine_failed"
  /** A package that this feature needs is not installed. */
  | "missing_dependency"
  /** The caller ended it: a signal fired, `abort` was called, or the engine was closed under it. */
  | "aborted"
  /** Something took too long: a server was silent (see `waitedFor`), or a signal of `AbortSignal.timeout` fired. */
  | "timeout"
  /** Called after `close()`. */
  | "closed"
  /** A file could not be read or written. */
  | "file"
  /** A broken invariant of this library: please report it. */
  | "internal";

const marker = Symbol.for("threadweaver.error");

/** What did not come in time: a connection, the first part of an answer, or the next one. */
export type WaitedFor = "connection" | "first-token" | "next-token";

/** What is known of a failure besides its code and its message. */
export interface ErrorFacts {
  /** The HTTP status, where a server answered with one. */
  status?: number | undefined;
  /** Whether the same request may succeed later: the server is busy, broke off, or cannot be reached. @defaultValue false */
  retryable?: boolean | undefined;
  /** How many milliseconds the server asked to wait before that (`Retry-After`). */
  retryAfterMs?: number | undefined;
  /** The server's or gateway's own name of the request (`x-request-id`), for its logs. */
  requestId?: string | undefined;
  /** With `timeout`: what a server did not do in time. */
  waitedFor?: WaitedFor | undefined;
  /** The sequence whose call failed; `0` is main. */
  threadId?: string | undefined;
  /** How often it was tried. @defaultValue 1 */
  attempts?: number | undefined;
}

export interface ThreadweaverErrorOptions<Partial = unknown> extends ErrorFacts {
  cause?: unknown;
  /** All that was prompted, generated and inserted before the failure. */
  partial?: Partial | undefined;
}

/** What is known of an error, for another one that takes its place. */
export function factsOf(error: ThreadweaverError): ErrorFacts {
  const { status, retryable, retryAfterMs, requestId, waitedFor, threadId, attempts } = error;
  return { status, retryable, retryAfterMs, requestId, waitedFor, threadId, attempts };
}

/** The one class of errors that this library throws. */
export class ThreadweaverError<Partial = unknown> extends Error {
  /** As the platform names them: `AbortError` for code `aborted`, `TimeoutError` for `timeout`. */
  override readonly name: "ThreadweaverError" | "AbortError" | "TimeoutError";
  readonly code: ErrorCode;
  readonly status: number | undefined;
  readonly retryable: boolean;
  readonly retryAfterMs: number | undefined;
  readonly requestId: string | undefined;
  readonly waitedFor: WaitedFor | undefined;
  readonly threadId: string | undefined;
  readonly attempts: number;
  /** What the run had made before it failed, where a run failed. */
  readonly partial: Partial | undefined;

  constructor(code: ErrorCode, message: string, options: ThreadweaverErrorOptions<Partial> = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = code === "aborted" ? "AbortError" : code === "timeout" ? "TimeoutError" : "ThreadweaverError";
    this.code = code;
    this.status = options.status;
    this.retryable = options.retryable ?? false;
    this.retryAfterMs = options.retryAfterMs;
    this.requestId = options.requestId;
    this.waitedFor = options.waitedFor;
    this.threadId = options.threadId;
    this.attempts = options.attempts ?? 1;
    this.partial = options.partial;
    Object.defineProperty(this, marker, { value: true });
  }

  /** Works across realms and across several installed copies of this package. */
  static isInstance<Partial = unknown>(value: unknown): value is ThreadweaverError<Partial> {
    return typeof value === "object" && value !== null && marker in value;
  }
}
