import type { Clock } from "../../src/run/clock.ts";

/** Runs live this many times as fast: the waits between attempts are those of real runs, and take little time. */
const speed = 50;

export const fastClock: Clock = {
  now: () => performance.now() * speed,
  schedule(at, wake) {
    const timer = setTimeout(wake, Math.ceil(Math.max(0, at / speed - performance.now())));
    return () => clearTimeout(timer);
  },
};
