import type { RunEvent } from "./events.ts";
import type { RunResult } from "./result.ts";

export interface ListenOptions {
  /** Leaving the loop before the end aborts the run. @defaultValue false */
  abortOnReturn?: boolean | undefined;
}

/** What a run is made by. */
export interface RunDriver<R = RunResult> {
  readonly result: Promise<R>;
  abort(reason: unknown): void;
  /** @param onReturn is called where the listener leaves before the end. */
  listen(onReturn: () => void): AsyncGenerator<RunEvent, void, undefined>;
  readText(): AsyncGenerator<string, void, undefined>;
}

/**
 * A run in progress: listen to its events, await `result` for what it gives. Neither needs the other, and the run never
 * waits for a listener. It is no promise itself, so that `await` cannot hide the stream.
 */
export class Run<R = RunResult> implements AsyncIterable<RunEvent> {
  /** Rejects with a `ThreadweaverError` that has all that was made as `partial`. Never an unhandled rejection. */
  readonly result: Promise<R>;
  readonly #driver: RunDriver<unknown>;

  /** Made by a runner. */
  constructor(driver: RunDriver<unknown>, begin: () => void, signal: AbortSignal | undefined) {
    this.#driver = driver;
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- what else a result has follows from the options
    this.result = driver.result as Promise<R>;
    const onAbort = () => this.abort(signal?.reason);
    if (signal?.aborted === true) {
      onAbort();
      return;
    }
    signal?.addEventListener("abort", onAbort, { once: true });
    const forget = () => signal?.removeEventListener("abort", onAbort);
    driver.result.then(forget, forget);
    begin();
  }

  /**
   * Ends the run at once: every request is cancelled, threads are closed where they stand, and `result` rejects with code
   * `aborted`, this reason as `cause` and the text so far as `partial`, within one turn of the event loop. Without effect
   * on a run whose result is there.
   */
  abort(reason?: unknown): void {
    this.#driver.abort(reason);
  }

  /**
   * The events from now on, for as many listeners as there are; one that comes late first gets one `catch-up`, and one
   * that reads slowly gets fewer and longer texts. A run that fails throws its error here too. Leaving the loop early
   * leaves the run alone, unless `abortOnReturn` is set.
   */
  events({ abortOnReturn = false }: ListenOptions = {}): AsyncGenerator<RunEvent, void, undefined> {
    return this.#driver.listen(() => {
      if (abortOnReturn) this.abort(new Error("the listener left the loop"));
    });
  }

  /**
   * The text of the run as it grows, in reading order: only what can no longer change, so that all of it together is
   * `result.text`. The threads of a fork come one after the other, the first of them as it is written; what a dialect may
   * still replace comes when that is decided. It begins with the beginning of the text, whenever it is asked for. A run
   * that fails throws its error here too, after the text that it had.
   */
  get textStream(): AsyncGenerator<string, void, undefined> {
    return this.#driver.readText();
  }

  /** The same as `events()`. */
  [Symbol.asyncIterator](): AsyncGenerator<RunEvent, void, undefined> {
    return this.events();
  }
}
