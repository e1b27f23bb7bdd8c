import { abortedError, untilAborted } from "../abort.ts";

/** Longer keys are rarely asked for twice and would fill the memory. */
const maxKeyLength = 1024;

interface Entry<T> {
  readonly promise: Promise<T>;
  /** Once it is there. */
  known: { readonly value: T } | undefined;
  /** Callers that wait for it. */
  waiting: number;
  readonly abort: AbortController;
}

/**
 * Remembers what was computed for a key, the most recently used keys only. Callers that ask at once for one key share
 * one computation, which is given up when the last of them has given up. A failure is not remembered.
 */
export class SharedCache<T> {
  readonly #entries = new Map<string, Entry<T>>();
  readonly #size: number;

  /** @param size how many keys are remembered. */
  constructor(size: number) {
    this.#size = size;
  }

  /** What was computed before; undefined where nothing was. */
  peek(key: string): T | undefined {
    return this.#entries.get(key)?.known?.value;
  }

  put(key: string, value: T): void {
    this.#keep(key, { promise: Promise.resolve(value), known: { value }, waiting: 0, abort: new AbortController() });
  }

  /** @throws `aborted` when the caller's signal fires; others who wait for the same key are not concerned. */
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
