import type { Clock } from "../../src/run/clock.ts";

export interface HandClock {
  readonly clock: Clock;
  /** Milliseconds until each timer, in the order in which they were set. */
  left(): number[];
  /** Lets the time pass until the next timer fires. */
  next(): void;
}

/** A clock that is set by hand. */
export function handClock(now = 100): HandClock {
  const timers: { at: number; wake: () => void }[] = [];
  const remove = (timer: (typeof timers)[number]): void =>
    void (timers.includes(timer) && timers.splice(timers.indexOf(timer), 1));
  return {
    clock: {
      now: () => now,
      schedule(at, wake) {
        const timer = { at, wake };
        timers.push(timer);
        return () => remove(timer);
      },
    },
    left: () => timers.map(({ at }) => at - now),
    next() {
      const [timer] = timers.toSorted((a, b) => a.at - b.at);
      if (timer === undefined) return;
      remove(timer);
      now = timer.at;
      timer.wake();
    },
  };
}
