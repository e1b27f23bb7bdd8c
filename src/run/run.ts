import { ThreadweaverError } from "../errors.ts";
import type { RunEvent } from "./events.ts";
import type { Execution } from "./execution.ts";
import type { RunInput } from "./options.ts";
import type { RunResult } from "./result.ts";

/**
 * A run in progress: iterate it for its events, await `result` for what it gives. Neither needs the other, and nothing
 * waits for a listener. It is no promise itself, so that `await` cannot hide the stream.
 */
export class Run implements AsyncIterable<RunEvent> {
  /** Rejects with a `ThreadweaverError` that has all that was made as `partial`. Never an unhandled rejection. */
  readonly result: Promise<RunResult>;
  readonly #execution: Execution;
  #iterated = false;

  /** Made by a runner. */
  constructor(execution: Execution, input: RunInput, signal: AbortSignal | undefined) {
    this.#execution = execution;
    const onAbort = () => this.abort(signal?.reason);
    if (signal?.aborted === true) onAbort();
    else signal?.addEventListener("abort", onAbort, { once: true });
    this.result = execution.run(input).finally(() => signal?.removeEventListener("abort", onAbort));
    this.result.then(
      () => execution.channel.close(),
      (error: unknown) => execution.channel.close({ error }),
    );
  }

  /**
   * Cancels every request. Threads are closed where they stand, `result` rejects with code `aborted`, this reason as
   * `cause`, and the text so far as `partial`. Without effect on a run that is over.
   */
  abort(reason?: unknown): void {
    this.#execution.abort(reason);
  }

  /**
   * The events from now on; who comes late first gets one `catch-up`. Leaving the loop early aborts the run; a run that
   * fails throws its error here too. Only once.
   */
  [Symbol.asyncIterator](): AsyncGenerator<RunEvent, void, undefined> {
    if (this.#iterated) {
      throw new ThreadweaverError(
        "invalid_option",
        "a run can be iterated once; collect the events if you need them again",
      );
    }
    this.#iterated = true;
    const events = this.#execution.channel.listen(() => this.abort(new Error("the listener left the loop")));
    this.#execution.catchUp();
    return events;
  }
}
