import { abortedError, untilAborted } from "../abort.ts";

/** Longer keys are rarely needed twice, and would fill the memory. */
const maxKeyLength = 1024;

interface Entry<T> {
  readonly promise: Promise<T>;
  /** Set when the promise has resolved. */
  known: { readonly value: T } | undefined;
  /** How many callers wait for it. */
  waiting: number;
  readonly abort: AbortController;
}

/**
 * Remembers what was computed for a key, for the most recently used keys. Callers that need one key at the same time
 * share one computation. It is cancelled when the last of them has aborted. A failure is not remembered.
 */
export class SharedCache<T> {
  readonly #entries = new Map<string, Entry<T>>();
  readonly #size: number;

  /** @param size how many keys are remembered. */
  constructor(size: number) {
    this.#size = size;
  }

  /** Returns what was computed before. Undefined: nothing was. */
  peek(key: string): T | undefined {
    return this.#entries.get(key)?.known?.value;
  }

  put(key: string, value: T): void {
    this.#keep(key, { promise: Promise.resolve(value), known: { value }, waiting: 0, abort: new AbortController() });
  }

  /** @throws `aborted` when the caller's signal fires. Other callers that wait for the same key are not affected. */
  async get(key: string, compute: (signal: AbortSignal) => Promise<T>, signal?: AbortSignal): Promise<T> {
    if (signal?.aborted === true) throw abortedError(signal);
    const entry = this.#entries.get(key) ?? this.#begin(key, compute);
    this.#keep(key, entry);
    if (entry.known !== undefined) return entry.known.value;
    entry.waiting += 1;
    try {
      return await untilAborted(entry.promise, signal);
    } finally {
      entry.waiting -= 1;
      if (entry.waiting === 0 && entry.known === undefined) {
        this.#forget(key, entry);
        entry.abort.abort(signal?.reason);
      }
    }
  }

  #begin(key: string, compute: (signal: AbortSignal) => Promise<T>): Entry<T> {
    const abort = new AbortController();
    const entry: Entry<T> = { promise: compute(abort.signal), known: undefined, waiting: 0, abort };
    entry.promise.then(
      (value) => void (entry.known = { value }),
      () => this.#forget(key, entry),
    );
    return entry;
  }

  #keep(key: string, entry: Entry<T>): void {
    if (key.length > maxKeyLength) return;
    this.#entries.delete(key);
    this.#entries.set(key, entry);
    const [oldest] = this.#entries.keys();
    if (this.#entries.size > this.#size && oldest !== undefined) this.#entries.delete(oldest);
  }

  #forget(key: string, entry: Entry<T>): void {
    if (this.#entries.get(key) === entry) this.#entries.delete(key);
  }
}
