import type { RunEvent } from "./events.ts";

type TextEvent = Extract<RunEvent, { type: "text" }>;

/**
 * What one listener has not read yet. The run never waits for it: texts of one sequence that wait are made one, so what
 * waits is bounded by the number of threads, forks and calls.
 */
export class EventQueue {
  #waiting: RunEvent[] = [];
  /** The waiting text of each sequence that may still grow: nothing else about that sequence waits after it. */
  readonly #growing = new Map<string, TextEvent>();
  #wake: (() => void) | undefined;
  #end: { error?: unknown } | undefined;

  get length(): number {
    return this.#waiting.length;
  }

  push(event: RunEvent): void {
    if (event.type === "text") this.#pushText(event);
    else {
      if ("threadId" in event) this.#growing.delete(event.threadId);
      this.#waiting.push(event);
    }
    this.#wake?.();
  }

  /** No more events; with an error the listener gets it thrown. */
  close(end: { error?: unknown } = {}): void {
    this.#end ??= end;
    this.#wake?.();
  }

  /** The events in order. @param onReturn is called where the listener leaves before the end. */
  async *read(onReturn: () => void): AsyncGenerator<RunEvent, void, undefined> {
    let left = true;
    try {
      for (;;) {
        for (const event of this.#take()) yield event;
        if (this.#waiting.length > 0) continue;
        if (this.#end === undefined) {
          await new Promise<void>((resolve) => {
            this.#wake = resolve;
          });
          continue;
        }
        left = false;
        if ("error" in this.#end) throw this.#end.error;
        return;
      }
    } finally {
      if (left) onReturn();
    }
  }

  /** All that waits. What is being read grows no more. */
  #take(): RunEvent[] {
    const waiting = this.#waiting;
    this.#waiting = [];
    this.#growing.clear();
    return waiting;
  }

  #pushText(event: TextEvent): void {
    const waiting = this.#growing.get(event.threadId);
    if (waiting !== undefined && waiting.by === event.by) {
      merge(waiting, event);
      return;
    }
    // Other listeners read the same event: what may grow is this queue's own.
    const own = { ...event };
    this.#growing.set(event.threadId, own);
    this.#waiting.push(own);
  }
}

/** Makes two changes of one text one. */
function merge(first: TextEvent, { removed, inserted, tokens }: TextEvent): void {
  const { length } = first.inserted;
  // Most changes take nothing back, and then the text need not be cut.
  first.inserted =
    removed === 0 ? first.inserted + inserted : first.inserted.slice(0, Math.max(0, length - removed)) + inserted;
  first.removed += Math.max(0, removed - length);
  // Its time stays that of the first change, so that what waits stays in the order of time.
  first.tokens = tokens;
}

/** All who listen to one run. */
export class Listeners {
  readonly #queues = new Set<EventQueue>();
  readonly #callback: ((event: RunEvent) => void) | undefined;
  readonly #onError: (error: unknown) => void;
  #isCallbackBroken = false;

  /** @param callback hears every event; if it throws, `onError` hears of it once, and the callback of nothing more. */
  constructor(callback: ((event: RunEvent) => void) | undefined, onError: (error: unknown) => void) {
    this.#callback = callback;
    this.#onError = onError;
  }

  /** Whether events must be made at all. */
  get any(): boolean {
    return this.#queues.size > 0 || (this.#callback !== undefined && !this.#isCallbackBroken);
  }

  publish(event: RunEvent): void {
    for (const queue of this.#queues) queue.push(event);
    if (this.#callback === undefined || this.#isCallbackBroken) return;
    try {
      this.#callback(event);
    } catch (error) {
      this.#isCallbackBroken = true;
      this.#onError(error);
    }
  }

  add(queue: EventQueue): void {
    this.#queues.add(queue);
  }

  remove(queue: EventQueue): void {
    this.#queues.delete(queue);
  }

  close(end: { error?: unknown }): void {
    for (const queue of this.#queues) queue.close(end);
    this.#queues.clear();
  }
}
