import { abortedError } from "./abort.ts";

/**
 * The events of a call, which end with `aborted` as soon as a signal fires, whatever the call is waiting for then. The call
 * itself goes on until its server has been told and its connection closed, which may take longer.
 *
 * Written by hand since every token passes here: a generator around a generator costs several promises more.
 */
export class AbortableEvents<T> implements AsyncIterableIterator<T> {
  readonly #events: AsyncGenerator<T, void, undefined>;
  readonly #signal: AbortSignal;
  #hasBegun = false;
  #isOver = false;
  /** For the next `next`, where none was waited for when the signal fired. */
  #owed: Error | undefined;
  /** Fails the `next` that is being waited for. */
  #interrupt: ((error: Error) => void) | undefined;

  constructor(events: AsyncGenerator<T, void, undefined>, signal: AbortSignal) {
    this.#events = events;
    this.#signal = signal;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  next(): Promise<IteratorResult<T, undefined>> {
    if (!this.#hasBegun) this.#begin();
    const owed = this.#owed;
    this.#owed = undefined;
    if (owed !== undefined) return Promise.reject(owed);
    if (this.#isOver) return Promise.resolve({ done: true, value: undefined });
    return new Promise((resolve, reject) => {
      this.#interrupt = reject;
      this.#events.next().then(
        (result) => {
          this.#interrupt = undefined;
          if (result.done !== true) return resolve(result);
          this.#finish();
          resolve({ done: true, value: undefined });
        },
        (error: unknown) => {
          this.#finish();
          reject(error instanceof Error ? error : new Error(String(error)));
        },
      );
    });
  }

  async return(): Promise<IteratorResult<T, undefined>> {
    this.#finish();
    await this.#events.return();
    return { done: true, value: undefined };
  }

  #begin(): void {
    this.#hasBegun = true;
    if (this.#signal.aborted) this.#onAbort();
    else this.#signal.addEventListener("abort", this.#onAbort, { once: true });
  }

  readonly #onAbort = (): void => {
    const error = abortedError(this.#signal);
    if (this.#interrupt === undefined) this.#owed = error;
    else this.#interrupt(error);
    this.#finish();
    // It may be in the middle of something, and ends after that; what it fails with then is ignored.
    void this.#events.return().catch(() => undefined);
  };

  #finish(): void {
    this.#isOver = true;
    this.#signal.removeEventListener("abort", this.#onAbort);
  }
}
