import type { RunEvent } from "../events.ts";
import { ThreadweaverError } from "../failure.ts";
import { observedRun, type ObservedRequest, type RunObserver, type Watched } from "../observe.ts";
import type { RunSummary } from "../result.ts";
import type { End } from "./listener.ts";
import type { Reporter } from "./reporter.ts";

/** What takes the events of a run as they are published. */
export interface EventSink {
  /** It comes late: how far the run is. */
  catchUp(reporter: Reporter): void;
  push(event: RunEvent): void;
  close(end: End): void;
}

/** Everything that listens to one run. What throws is not called again, and changes nothing. */
export class Listeners {
  readonly #sinks = new Set<EventSink>();
  readonly #observers = new Set<RunObserver>();
  readonly #callback: ((event: RunEvent) => void) | undefined;
  readonly #onError: (name: "onEvent" | "observe", error: unknown) => void;
  /** It threw, or the run is over. */
  #isCallbackDone = false;

  /** @param callback gets every event. @param onError gets what a listener throws, and which that was. */
  constructor(
    callback: ((event: RunEvent) => void) | undefined,
    onError: (name: "onEvent" | "observe", error: unknown) => void,
  ) {
    this.#callback = callback;
    this.#onError = onError;
  }

  /** Whether events must be made at all. */
  get any(): boolean {
    return this.areTextsHeard || this.#observers.size > 0;
  }

  /** Whether those events must be made that come with every token. */
  get areTextsHeard(): boolean {
    return this.#sinks.size > 0 || (this.#callback !== undefined && !this.#isCallbackDone);
  }

  publish(event: RunEvent): void {
    for (const sink of this.#sinks) sink.push(event);
    if (event.type !== "text" && event.type !== "reasoning") this.#tell((observer) => observer.event?.(event));
    if (this.#callback === undefined || this.#isCallbackDone) return;
    try {
      this.#callback(event);
    } catch (error) {
      this.#isCallbackDone = true;
      this.#onError("onEvent", error);
    }
  }

  add(sink: EventSink): void {
    this.#sinks.add(sink);
  }

  remove(sink: EventSink): void {
    this.#sinks.delete(sink);
  }

  /** The run is asked for: those who watch the runner's runs are told. */
  observe({ observe = [], ...run }: Watched): void {
    for (const one of observe) {
      try {
        const observer = one(observedRun(run));
        if (observer !== undefined) this.#observers.add(observer);
      } catch (error) {
        this.#onError("observe", error);
      }
    }
  }

  /** What those who watch the run add to a request. */
  headers(request: ObservedRequest): Record<string, string> {
    const headers: Record<string, string> = {};
    this.#tell((observer) => void Object.assign(headers, observer.headers?.(request)));
    return headers;
  }

  /** Nothing follows. @param result of a run that has not failed. */
  close(end: End, result?: RunSummary): void {
    this.#isCallbackDone = true;
    for (const sink of this.#sinks) sink.close(end);
    this.#sinks.clear();
    const { error } = end;
    if (result !== undefined) this.#tell((observer) => observer.end?.({ result }));
    else if (ThreadweaverError.isInstance(error)) this.#tell((observer) => observer.end?.({ error }));
    this.#observers.clear();
  }

  #tell(tell: (observer: RunObserver) => void): void {
    for (const observer of this.#observers) {
      try {
        tell(observer);
      } catch (error) {
        this.#observers.delete(observer);
        this.#onError("observe", error);
      }
    }
  }
}
