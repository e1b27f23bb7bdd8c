import type { RunEvent } from "./events.ts";

type Delta = Extract<RunEvent, { type: "delta" }>;

/**
 * The events of one run for one listener. Nobody listens: nothing is made or kept. Somebody listens slowly: deltas that
 * wait are merged, so what waits is bounded by the number of threads and forks, and the engine is never held back.
 */
export class EventChannel {
  readonly #queue: RunEvent[] = [];
  /** Deltas in the queue that may still grow: those behind the last event of another kind. */
  readonly #growing = new Map<string, Delta>();
  #wake: (() => void) | undefined;
  #listening = false;
  #end: { error?: unknown } | undefined;

  get listening(): boolean {
    return this.#listening;
  }

  push(event: RunEvent): void {
    if (!this.#listening) return;
    if (event.type === "delta") {
      const waiting = this.#growing.get(event.id);
      if (waiting === undefined) {
        this.#growing.set(event.id, event);
        this.#queue.push(event);
      } else {
        waiting.text += event.text;
        waiting.tokens += event.tokens;
      }
    } else {
      this.#growing.clear();
      this.#queue.push(event);
    }
    this.#wake?.();
  }

  /** No more events; with an error the listener gets it thrown. */
  close(end: { error?: unknown } = {}): void {
    this.#end ??= end;
    this.#wake?.();
  }

  /** The events from now on. `onLeave` hears that the listener left before the end. */
  listen(onLeave: () => void): AsyncGenerator<RunEvent, void, undefined> {
    this.#listening = true;
    return this.#events(onLeave);
  }

  async *#events(onLeave: () => void): AsyncGenerator<RunEvent, void, undefined> {
    let left = true;
    try {
      for (;;) {
        const event = this.#queue.shift();
        if (event !== undefined) {
          if (event.type === "delta") this.#growing.delete(event.id);
          yield event;
        } else if (this.#end === undefined) {
          await new Promise<void>((resolve) => {
            this.#wake = resolve;
          });
        } else {
          left = false;
          if ("error" in this.#end) throw this.#end.error;
          return;
        }
      }
    } finally {
      this.#listening = false;
      this.#queue.length = 0;
      if (left) onLeave();
    }
  }
}
