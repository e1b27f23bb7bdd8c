import type { RunEvent } from "../events.ts";
import type { End } from "./listener.ts";
import type { Reporter } from "./reporter.ts";

/** What takes the events of a run as they are published. */
export interface EventSink {
  /** It comes late: how far the run is. */
  catchUp(reporter: Reporter): void;
  push(event: RunEvent): void;
  close(end: End): void;
}

/** Everything that listens to one run. */
export class Listeners {
  readonly #sinks = new Set<EventSink>();
  readonly #callback: ((event: RunEvent) => void) | undefined;
  readonly #onError: (error: unknown) => void;
  /** It threw, or the run is over. */
  #isCallbackDone = false;

  /** @param callback gets every event. If it throws, `onError` gets the error, and the callback is not called again. */
  constructor(callback: ((event: RunEvent) => void) | undefined, onError: (error: unknown) => void) {
    this.#callback = callback;
    this.#onError = onError;
  }

  /** Whether events must be made at all. */
  get any(): boolean {
    return this.#sinks.size > 0 || (this.#callback !== undefined && !this.#isCallbackDone);
  }

  publish(event: RunEvent): void {
    for (const sink of this.#sinks) sink.push(event);
    if (this.#callback === undefined || this.#isCallbackDone) return;
    try {
      this.#callback(event);
    } catch (error) {
      this.#isCallbackDone = true;
      this.#onError(error);
    }
  }

  add(sink: EventSink): void {
    this.#sinks.add(sink);
  }

  remove(sink: EventSink): void {
    this.#sinks.delete(sink);
  }

  /** Nothing follows. */
  close(end: End): void {
    this.#isCallbackDone = true;
    for (const sink of this.#sinks) sink.close(end);
    this.#sinks.clear();
  }
}
