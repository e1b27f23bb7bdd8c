/**
 * Works on some sources at once, and gives what comes of them in the order of the sources. Of a source of any length only as
 * much is read as is worked on or waits for its turn.
 *
 * @param concurrency sources at once.
 * @throws what the source of sources or `work` throws. What had begun comes to its end first; its outcomes are lost.
 */
export async function* inOrder<S, T>(
  sources: Iterable<S> | AsyncIterable<S>,
  concurrency: number,
  work: (source: S) => Promise<T>,
): AsyncGenerator<T, void, undefined> {
  const iterator = Symbol.asyncIterator in sources ? sources[Symbol.asyncIterator]() : sources[Symbol.iterator]();
  const begun = new Begun<T>(concurrency);
  let isAtEnd = false;
  try {
    for (;;) {
      while (!isAtEnd && begun.hasRoom) {
        // oxlint-disable-next-line no-await-in-loop -- one after the other
        const next = await iterator.next();
        if (next.done === true) isAtEnd = true;
        else begun.add(work(next.value));
      }
      if (begun.isEmpty) return;
      // oxlint-disable-next-line no-await-in-loop -- one after the other
      const first = await begun.firstIfDone();
      if (first !== undefined) yield first.value;
    }
  } finally {
    await begun.allSettled();
    if (!isAtEnd) await iterator.return?.();
  }
}

/** Work that was begun and not given yet, in its order. */
class Begun<T> {
  readonly #concurrency: number;
  readonly #all: Promise<T>[] = [];
  #running = 0;
  #changed = Promise.withResolvers<void>();

  constructor(concurrency: number) {
    this.#concurrency = concurrency;
  }

  get isEmpty(): boolean {
    return this.#all.length === 0;
  }

  /** One slow source must not stop the others at once; nor may what waits for it grow without bound. */
  get hasRoom(): boolean {
    return this.#running < this.#concurrency && this.#all.length < this.#concurrency * 4;
  }

  add(work: Promise<T>): void {
    this.#running += 1;
    const over = (): void => {
      this.#running -= 1;
      this.#changed.resolve();
    };
    work.then(over, over);
    this.#all.push(work);
  }

  /** Waits until any work is over. Gives the first result if that is the one. */
  async firstIfDone(): Promise<{ value: T } | undefined> {
    this.#changed = Promise.withResolvers();
    const first = this.#all[0]?.then((value) => ({ value }));
    const done = await Promise.race([first, this.#changed.promise.then(() => undefined)]);
    if (done !== undefined) void this.#all.shift();
    return done;
  }

  async allSettled(): Promise<void> {
    await Promise.allSettled(this.#all);
  }
}
