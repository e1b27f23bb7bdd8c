import { abortedError } from "./abort.ts";
import type { CompletionEvent } from "./engine.ts";

/** What a call in progress writes to. */
export interface CallOutput {
  /** Closes the call's connection. */
  readonly closing: AbortController;
  /** Runs before an abort closes the connection, since some servers must be asked to end a call. */
  beforeClosing: (() => Promise<void>) | undefined;
  /** Has no effect once the events are no longer read. */
  emit(event: CompletionEvent): void;
}

/**
 * The events of a call. They end with `aborted` as soon as the signal fires, whatever the call is waiting for. The call
 * itself goes on until its server was asked to end it and its connection is closed, which may take longer.
 *
 * The call pushes its events into this object. It is written by hand because every token passes through it: a generator
 * costs several more promises for each event, and a generator around another costs twice that.
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
  /** The call of `next` that is waiting for an event. */
  #asked: PromiseWithResolvers<IteratorResult<CompletionEvent, undefined>> | undefined;
  /** Set when no more events will come. Its error is thrown once. */
  #end: { error?: Error } | undefined;

  /** @param make makes the call. It runs when the first event is requested. */
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

  /** Only the first end counts. Events that are still waiting are read before it. */
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
