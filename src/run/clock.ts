/** The time of a run: all that a run knows of time comes from here, so tests can let it stand still or jump. */
export interface Clock {
  /** Milliseconds; only differences count. It never goes back. */
  now(): number;
  /** Calls `wake` once, as soon as `now()` has reached `at`. Returns a function that takes this back. */
  schedule(at: number, wake: () => void): () => void;
}

/** Timers fire at once for longer delays than this. */
const longestDelay = 2 ** 31 - 1;

/** A clock that schedules by timers. @param now where its time comes from. @defaultValue performance.now */
export function createClock(now: () => number = () => performance.now()): Clock {
  return {
    now,
    schedule(at, wake) {
      const wait = (): ReturnType<typeof setTimeout> =>
        setTimeout(check, Math.max(0, Math.min(Math.ceil(at - now()), longestDelay)));
      const check = (): void => {
        if (now() >= at) wake();
        else timer = wait();
      };
      let timer = wait();
      return () => clearTimeout(timer);
    },
  };
}
