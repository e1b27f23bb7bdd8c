/** Times of a run, all from one injected clock: milliseconds since the run began. */
export class ThreadClock {
  readonly #now: () => number;
  readonly #began: number;
  readonly #starts = new Map<number, number>();
  readonly #ends = new Map<number, number>();

  constructor(now: () => number) {
    this.#now = now;
    this.#began = now();
  }

  get at(): number {
    return round(this.#now() - this.#began);
  }

  start(sequence: number): void {
    this.#starts.set(sequence, this.#now());
  }

  end(sequence: number): void {
    this.#ends.set(sequence, this.#now());
  }

  /** From a sequence's start to its end, or to now. */
  msOf(sequence: number): number {
    const start = this.#starts.get(sequence);
    return start === undefined ? 0 : round((this.#ends.get(sequence) ?? this.#now()) - start);
  }
}

function round(ms: number): number {
  return Math.round(ms * 1000) / 1000;
}
