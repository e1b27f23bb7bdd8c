import type { Clock } from "../../src/run/clock.ts";

/** A clock whose timers fire at once, and which remembers how long was to be waited. */
export function hurried(): Clock & { waits: number[] } {
  let now = 0;
  const waits: number[] = [];
  return {
    waits,
    now: () => now,
    schedule(at, wake) {
      waits.push(at - now);
      const timer = setImmediate(() => {
        now = Math.max(now, at);
        wake();
      });
      return () => clearImmediate(timer);
    },
  };
}
