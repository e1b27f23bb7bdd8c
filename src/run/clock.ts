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

/** The time of one run, by a clock that other runs share. A run that is resumed goes on where its record ended. */
export class RunClock {
  readonly #clock: Clock;
  #began: number;
  /** What is added to the clock's time. */
  #offset = 0;
  /** No time before this one is given: a timer that fired shows that it has passed. */
  #reached = -Infinity;
  /** What takes timers back. */
  readonly #timers = new Set<() => void>();

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#began = clock.now();
  }

  /** When the run began. */
  get began(): number {
    return this.#began;
  }

  /** Milliseconds since the run began. What lay between the end of a record and its resumption does not count. */
  get elapsed(): number {
    return this.now() - this.#began;
  }

  /** The run began at another time, and it is this late now. */
  goOn(began: number, now: number): void {
    this.#began = began;
    this.#offset = now - this.#clock.now();
  }

  /** In steps of a thousandth of a millisecond, since every input of a record has it. */
  now(): number {
    return Math.max(this.#reached, Math.ceil((this.#clock.now() + this.#offset) * 1000) / 1000);
  }

  schedule(at: number, wake: () => void): void {
    const cancel = this.#clock.schedule(at - this.#offset, () => {
      this.#timers.delete(cancel);
      this.#reached = Math.max(this.#reached, at);
      wake();
    });
    this.#timers.add(cancel);
  }

  /** Nothing that was scheduled happens any more. */
  stop(): void {
    for (const cancel of this.#timers) cancel();
  }
}
