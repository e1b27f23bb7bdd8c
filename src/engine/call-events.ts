import { abortedError } from "./abort.ts";
import type { CompletionEvent } from "./engine.ts";

/** What a call that is being made is given. */
export interface CallOutput {
  /** Closes the call's connection. */
  readonly closing: AbortController;
  /** Told before the connection is closed where the caller aborts: some servers must hear of it. */
  beforeClosing: (() => Promise<void>) | undefined;
  /** Without effect where nothing reads the events any more. */
  emit(event: CompletionEvent): void;
}

/**
 * The events of a call, which end with `aborted` as soon as a signal fires, whatever the call is waiting for then. The call
 * itself goes on until its server has been told and its connection closed, which may take longer.
 *
 * The call pushes its events in here from where bytes arrive. Written by hand since every token passes here: a generator
 * costs several promises more for each, and one around another the same again.
 */
export class CallEvents implements AsyncIterableIterator<CompletionEvent>, CallOutput {
  readonly closing: AbortController = new AbortController();
  beforeClosing: (() => Promise<void>) | undefined;
  readonly #make: (output: CallOutput) => Promise<void>;
  readonly #signal: AbortSignal;
  /** Settles when the connection is closed; never rejects. */
  #made: Promise<void> | undefined;
  #waiting: CompletionEvent[] = [];
  #next = 0;
  /** The `next` that is being waited for. */
  #asked: PromiseWithResolvers<IteratorResult<CompletionEvent, undefined>> | undefined;
  /** Set when no more events come; an error is thrown once. */
  #end: { error?: Error } | undefined;

  /** @param make makes the call: it begins when the first event is asked for. */
  constructor(make: (output: CallOutput) => Promise<void>, signal: AbortSignal) {
    this.#make = make;
    this.#signal = signal;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  next(): Promise<IteratorResult<CompletionEvent, undefined>> {
    if (this.#made === undefined && this.#end === undefined) this.#begin();
    const again = (): Promise<IteratorResult<CompletionEvent, undefined>> => this.next();
    if (this.#asked !== undefined) return this.#asked.promise.then(again, again);
    const event = this.#shift();
    if (event !== undefined) return Promise.resolve({ done: false, value: event });
    if (this.#end !== undefined) return this.#last(this.#end);
    this.#asked = Promise.withResolvers();
    return this.#asked.promise;
  }

  /** Returns when the connection is closed. */
  async return(): Promise<IteratorResult<CompletionEvent, undefined>> {
    this.#finish({});
    this.closing.abort();
    await this.#made;
    return { done: true, value: undefined };
  }

  emit(event: CompletionEvent): void {
    if (this.#end !== undefined) return;
    const asked = this.#asked;
    if (asked === undefined) {
      this.#waiting.push(event);
    } else {
      this.#asked = undefined;
      asked.resolve({ done: false, value: event });
    }
  }

  #shift(): CompletionEvent | undefined {
    const event = this.#waiting[this.#next];
    if (event === undefined) return undefined;
    this.#next += 1;
    if (this.#next === this.#waiting.length) {
      this.#waiting.length = 0;
      this.#next = 0;
    }
    return event;
  }

  #last(end: { error?: Error }): Promise<IteratorResult<CompletionEvent, undefined>> {
    const { error } = end;
    delete end.error;
    return error === undefined ? Promise.resolve({ done: true, value: undefined }) : Promise.reject(error);
  }

  #begin(): void {
    if (this.#signal.aborted) {
      this.#finish({ error: abortedError(this.#signal) });
      return;
    }
    this.#signal.addEventListener("abort", this.#onAbort, { once: true });
    this.#made = this.#make(this).then(
      () => this.#finish({}),
      (error: unknown) => this.#finish({ error: error instanceof Error ? error : new Error(String(error)) }),
    );
  }

  readonly #onAbort = (): void => {
    const close = (): void => this.closing.abort(this.#signal.reason);
    this.#waiting.length = 0;
    this.#finish({ error: abortedError(this.#signal) });
    if (this.beforeClosing === undefined) close();
    else void this.beforeClosing().then(close, close);
  };

  /** Only the first end counts. What waits is still read before it. */
  #finish(end: { error?: Error }): void {
    if (this.#end !== undefined) return;
    this.#end = end;
    this.#signal.removeEventListener("abort", this.#onAbort);
    const asked = this.#asked;
    if (asked === undefined) return;
    this.#asked = undefined;
    this.#last(end).then(asked.resolve, asked.reject);
  }
}
