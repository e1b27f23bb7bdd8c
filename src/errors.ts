/**
 * What can go wrong, told apart by `code`. One class, because callers branch on the code and not on the prototype;
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
  /** The run was cancelled by the caller. */
  | "aborted"
  /** A file could not be read or written. */
  | "file"
  /** A broken invariant of this library: please report it. */
  | "internal";

const marker = Symbol.for("threadweaver.error");

export interface ThreadweaverErrorOptions {
  cause?: unknown;
  /** All that was prompted, generated and inserted before the failure. */
  partial?: unknown;
}

export class ThreadweaverError extends Error {
  override readonly name = "ThreadweaverError";
  readonly code: ErrorCode;
  /** What the run had made before it failed (a `RunResult`), where a run failed; else undefined. */
  partial: unknown;

  constructor(code: ErrorCode, message: string, options: ThreadweaverErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.partial = options.partial;
    Object.defineProperty(this, marker, { value: true });
  }

  /** Works across realms and across several installed copies of this package. */
  static isInstance(value: unknown): value is ThreadweaverError {
    return typeof value === "object" && value !== null && marker in value;
  }
}
