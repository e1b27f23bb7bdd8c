import { Heap } from "../../src/run/calls/slots/heap.ts";
import type { Clock } from "../../src/run/clock.ts";

interface Timer {
  readonly at: number;
  readonly number: number;
  readonly wake: () => void;
}

/** A clock that jumps from one timer to the next, once everything that the last one caused is done. */
export class VirtualClock implements Clock {
  readonly #timers = new Heap<Timer>((a, b) => (a.at === b.at ? a.number < b.number : a.at < b.at));
  #now = 0;
  #count = 0;

  now(): number {
    return this.#now;
  }

  schedule(at: number, wake: () => void): () => void {
    this.#count += 1;
    const timer = { at: Math.max(at, this.#now), number: this.#count, wake };
    this.#timers.add(timer);
    return () => this.#timers.remove(timer);
  }

  /** Lets time pass until no timer is left. */
  async run(): Promise<void> {
    for (;;) {
      // oxlint-disable-next-line no-await-in-loop -- one moment after the other
      await new Promise((resolve) => void setImmediate(resolve));
      const next = this.#timers.first;
      if (next === undefined) return;
      this.#now = next.at;
      for (let due = this.#timers.first; due?.at === this.#now; due = this.#timers.first) {
        this.#timers.remove(due);
        due.wake();
      }
    }
  }
}
