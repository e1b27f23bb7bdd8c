import { ThreadweaverError as AnyError, type ErrorCode, type ThreadweaverErrorOptions } from "../errors.ts";
import type { RunResult } from "./result.ts";

/** What this library throws; `code` says what went wrong, and a run that failed has what it had made as `partial`. */
export type ThreadweaverError = AnyError<RunResult>;

/** The one class of errors that this library throws. */
export const ThreadweaverError: {
  new (code: ErrorCode, message: string, options?: ThreadweaverErrorOptions<RunResult>): ThreadweaverError;
  readonly prototype: ThreadweaverError;
  /** Works across realms and across several installed copies of this package. */
  isInstance(value: unknown): value is ThreadweaverError;
} = AnyError<RunResult>;

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** The error of a run that broke: what it failed with, what was made until then, and the original as its cause. */
export function errorWith(
  error: unknown,
  { partial, threadId }: { partial: RunResult | undefined; threadId?: string | undefined },
): ThreadweaverError {
  if (!AnyError.isInstance(error)) {
    return new ThreadweaverError("internal", messageOf(error), { cause: error, partial, threadId });
  }
  const { code, status, retryable, retryAfterMs, requestId } = error;
  const facts = { status, retryable, retryAfterMs, requestId, threadId: error.threadId ?? threadId };
  return new ThreadweaverError(code, error.message, { ...facts, cause: error, partial });
}

/** The error of a run that its caller ended; one whose reason is that time was up took too long. */
export function abortError(reason: unknown, partial: RunResult | undefined): ThreadweaverError {
  const isTimeout = reason instanceof Error && reason.name === "TimeoutError";
  const message = isTimeout ? "the run took too long: its signal's time was up" : "the run was cancelled";
  return new ThreadweaverError(isTimeout ? "timeout" : "aborted", message, { cause: reason, partial });
}
