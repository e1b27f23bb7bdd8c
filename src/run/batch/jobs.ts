import type { BatchProblem } from "./options.ts";

/** One run of a batch that is to be made. */
export interface Job<P extends BatchProblem> {
  problem: P;
  index: number;
  sample: number;
}

/** The runs of a batch, one after the other: each problem is read when its first run is wanted, and no earlier. */
export class Jobs<P extends BatchProblem> {
  readonly #problems: Iterator<P, unknown> | AsyncIterator<P, unknown>;
  readonly #samples: number;
  #current: Job<P> | undefined;
  #count = 0;
  #isAtEnd = false;

  constructor(problems: Iterable<P> | AsyncIterable<P>, samples: number) {
    this.#problems = Symbol.asyncIterator in problems ? problems[Symbol.asyncIterator]() : problems[Symbol.iterator]();
    this.#samples = samples;
  }

  /** Undefined at the end. Not to be called again before it has resolved. @throws what the source of problems throws. */
  async next(): Promise<Job<P> | undefined> {
    const current = this.#current;
    if (current !== undefined && current.sample + 1 < this.#samples) {
      this.#current = { ...current, sample: current.sample + 1 };
      return this.#current;
    }
    if (this.#isAtEnd) return undefined;
    const { done, value } = await this.#problems.next();
    if (done === true) {
      this.#isAtEnd = true;
      this.#current = undefined;
      return undefined;
    }
    this.#current = { problem: value, index: this.#count, sample: 0 };
    this.#count += 1;
    return this.#current;
  }

  /** Reads no more problems, and lets their source close what it holds. */
  async close(): Promise<void> {
    if (this.#isAtEnd) return;
    this.#isAtEnd = true;
    await this.#problems.return?.();
  }
}
