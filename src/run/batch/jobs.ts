import type { BatchProblem } from "./options.ts";

/** One run of a batch that is to be made. */
export interface Job<P extends BatchProblem> {
  problem: P;
  index: number;
  sample: number;
}

type Skip = (problem: BatchProblem, sample: number) => boolean;

/** The runs of a batch, one after the other: each problem is read when its first run is wanted, and no earlier. */
export class Jobs<P extends BatchProblem> {
  readonly #problems: Iterator<P, unknown> | AsyncIterator<P, unknown>;
  readonly #samples: number;
  readonly #skip: Skip;
  #current: Job<P> | undefined;
  #count = 0;
  #isAtEnd = false;

  constructor(problems: Iterable<P> | AsyncIterable<P>, { samples, skip }: { samples: number; skip: Skip }) {
    this.#problems = Symbol.asyncIterator in problems ? problems[Symbol.asyncIterator]() : problems[Symbol.iterator]();
    this.#samples = samples;
    this.#skip = skip;
  }

  /** Undefined at the end. Not to be called again before it has resolved. @throws what the source of problems throws. */
  async next(): Promise<Job<P> | undefined> {
    for (;;) {
      // oxlint-disable-next-line no-await-in-loop -- one after the other
      const job = this.#nextSample() ?? (await this.#nextProblem());
      if (job === undefined || !this.#skip(job.problem, job.sample)) return job;
    }
  }

  #nextSample(): Job<P> | undefined {
    if (this.#current === undefined || this.#current.sample + 1 >= this.#samples) return undefined;
    this.#current = { ...this.#current, sample: this.#current.sample + 1 };
    return this.#current;
  }

  async #nextProblem(): Promise<Job<P> | undefined> {
    this.#current = undefined;
    if (this.#isAtEnd) return undefined;
    const { done, value } = await this.#problems.next();
    if (done === true) {
      this.#isAtEnd = true;
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
