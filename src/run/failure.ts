import { factsOf, ThreadweaverError as AnyError, type ErrorCode, type ThreadweaverErrorOptions } from "../errors.ts";
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

/** A message that another sentence can follow. */
export function sentence(message: string): string {
  return message.replace(/[^.!?]$/, "$&.");
}

/** The error of a run that broke: what it failed with, what was made until then, and the original as its cause. */
export function errorWith(
  error: unknown,
  { partial, threadId }: { partial?: RunResult | undefined; threadId?: string | undefined } = {},
): ThreadweaverError {
  if (!AnyError.isInstance(error)) {
    return new ThreadweaverError("internal", messageOf(error), { cause: error, partial, threadId });
  }
  const facts = { ...factsOf(error), threadId: error.threadId ?? threadId };
  return new ThreadweaverError(error.code, error.message, { ...facts, cause: error, partial });
}

/** A run that a call ended which could not go on. */
export interface LostRun {
  partial: RunResult;
  threadId: string;
  /** Where the run was recorded. */
  record: string | undefined;
}

/** Its error: what broke and what was tried, on which thread, what is kept, and what to do. */
export function lostError(error: unknown, { partial, threadId, record }: LostRun): ThreadweaverError {
  const { generated, wasted } = partial.tokens;
  const where = threadId === "0" ? "That ended the run." : `That ended thread ${threadId}, and with it the run.`;
  const inRecord = record === undefined ? "" : `, and in ${record}: resume goes on from there`;
  const kept = `All ${generated + wasted} generated tokens are kept, in partial of this error${inRecord}.`;
  const isRetryable = AnyError.isInstance(error) && error.retryable;
  const advice = isRetryable ? " A larger retry.perCall or retry.maxMs waits longer for the engine." : "";
  const known = errorWith(error, { partial, threadId });
  const message = `${sentence(known.message)} ${where} ${kept}${advice}`;
  return new ThreadweaverError(known.code, message, { ...factsOf(known), cause: error, partial });
}

/** The error of a run that its caller ended; one whose reason is that time was up took too long. */
export function abortError(reason: unknown, partial: RunResult | undefined): ThreadweaverError {
  const isTimeout = reason instanceof Error && reason.name === "TimeoutError";
  const message = isTimeout ? "the run took too long: its signal's time was up" : "the run was cancelled";
  return new ThreadweaverError(isTimeout ? "timeout" : "aborted", message, { cause: reason, partial });
}
