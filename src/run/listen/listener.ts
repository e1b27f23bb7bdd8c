/** Why nothing more comes; with an error the reader gets it thrown. */
export interface End {
  error?: unknown;
}

/**
 * One listener of a run, read at its own pace: the run never waits for it. `take` is what was not read yet.
 *
 * It is written by hand since every token passes here: an async generator makes several promises more for each item, and
 * one that is left before its first item runs none of its code.
 */
export abstract class Listener<T> implements AsyncGenerator<T, void, undefined> {
  #onReturn: () => void = () => {};
  #items: readonly T[] = [];
  #at = 0;
  /** The `next` that waits. */
  #asked: PromiseWithResolvers<IteratorResult<T, void>> | undefined;
  #isWaking = false;
  #end: End | undefined;
  /** The reader left, or has read the end. */
  #isOver = false;

  /** Takes all that can be read now. It is never called in the middle of a step. */
  protected abstract take(): readonly T[];

  /** No more comes. What waits is read before that. */
  close(end: End = {}): void {
    this.#end ??= end;
    this.wake();
  }

  /** There is something new. A reader that waits gets it after the step. */
  protected wake(): void {
    const asked = this.#asked;
    if (asked === undefined || this.#isWaking) return;
    this.#isWaking = true;
    queueMicrotask(() => this.#answer(asked));
  }

  /** What comes, in order, until the end. @param onReturn is called where the reader leaves before that. */
  read(onReturn: () => void): AsyncGenerator<T, void, undefined> {
    this.#onReturn = onReturn;
    return this;
  }

  next(): Promise<IteratorResult<T, void>> {
    const again = (): Promise<IteratorResult<T, void>> => this.next();
    if (this.#asked !== undefined) return this.#asked.promise.then(again, again);
    const now = this.#result();
    if (now !== undefined) return now;
    this.#asked = Promise.withResolvers();
    return this.#asked.promise;
  }

  return(): Promise<IteratorResult<T, void>> {
    if (!this.#isOver) {
      this.#isOver = true;
      this.#onReturn();
      this.wake();
    }
    return over();
  }

  async throw(error: unknown): Promise<IteratorResult<T, void>> {
    await this.return();
    throw error;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.return();
  }

  #answer(asked: PromiseWithResolvers<IteratorResult<T, void>>): void {
    this.#isWaking = false;
    const now = this.#result();
    if (now === undefined) return;
    this.#asked = undefined;
    now.then(asked.resolve, asked.reject);
  }

  /** The next item, or the end; undefined where there is neither yet. */
  #result(): Promise<IteratorResult<T, void>> | undefined {
    if (this.#isOver) return over();
    if (this.#at === this.#items.length) {
      this.#items = this.take();
      this.#at = 0;
    }
    const value = this.#items[this.#at];
    if (value !== undefined) {
      this.#at += 1;
      return Promise.resolve({ done: false, value });
    }
    if (this.#end === undefined) return undefined;
    this.#isOver = true;
    return "error" in this.#end ? Promise.reject(this.#end.error) : over();
  }
}

function over<T>(): Promise<IteratorResult<T, void>> {
  return Promise.resolve({ done: true, value: undefined });
}
