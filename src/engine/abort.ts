import { ThreadweaverError } from "../errors.ts";

/** The error that a call ends with when its caller's signal fires. The signal's reason is the cause. */
export function abortedError(signal: AbortSignal): ThreadweaverError {
  return new ThreadweaverError("aborted", "The call was aborted.", { cause: signal.reason });
}

/**
 * Waits until a promise settles or the signal fires. If the signal fires first, this rejects with `aborted` at once and
 * ignores the promise's own outcome.
 *
 * @param error makes the error.
 */
export function untilAborted<T>(
  promise: Promise<T>,
  signal: AbortSignal | undefined,
  error: (signal: AbortSignal) => ThreadweaverError = abortedError,
): Promise<T> {
  if (signal === undefined) return promise;
  return new Promise((resolve, reject) => {
    const onAbort = (): void => reject(error(signal));
    const settle = (): void => signal.removeEventListener("abort", onAbort);
    promise.then(resolve, reject).finally(settle);
    if (signal.aborted) onAbort();
    else signal.addEventListener("abort", onAbort, { once: true });
  });
}
