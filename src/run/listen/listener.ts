/** Why nothing more comes; with an error the listener gets it thrown. */
export interface End {
  error?: unknown;
}

/** One who listens to a run, at its own pace: the run never waits for it. `take` is what it has not read yet. */
export abstract class Listener<T> {
  #wake: (() => void) | undefined;
  #end: End | undefined;

  /** Takes all that can be read now. */
  protected abstract take(): readonly T[];

  /** No more comes. */
  close(end: End = {}): void {
    this.#end ??= end;
    this.wake();
  }

  protected wake(): void {
    this.#wake?.();
  }

  /** What comes, in order, until the end. @param onReturn is called where the reader leaves before that. */
  read(onReturn: () => void): AsyncGenerator<T, void, undefined> {
    const items = this.#read(onReturn);
    const next = items.next.bind(items);
    const leave = items.return.bind(items);
    let hasBegun = false;
    const begin = (): void => {
      hasBegun = true;
    };
    return Object.assign(items, {
      next: () => (begin(), next()),
      // A generator that is left before its first item runs none of its code.
      return: (value?: void | PromiseLike<void>) => {
        if (!hasBegun) onReturn();
        begin();
        return leave(value);
      },
    });
  }

  async *#read(onReturn: () => void): AsyncGenerator<T, void, undefined> {
    let left = true;
    try {
      for (;;) {
        const items = this.take();
        for (const item of items) yield item;
        if (items.length > 0) continue;
        if (this.#end === undefined) {
          await new Promise<void>((resolve) => {
            this.#wake = resolve;
          });
          continue;
        }
        left = false;
        if ("error" in this.#end) throw this.#end.error;
        return;
      }
    } finally {
      if (left) onReturn();
    }
  }
}
