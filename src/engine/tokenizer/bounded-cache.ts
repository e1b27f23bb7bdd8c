/** Longer keys are rarely asked for twice and would fill the memory. */
const maxKeyLength = 1024;

/** Remembers what was computed for a key, the most recently used keys only. A failure is not remembered. */
export class BoundedCache<T> {
  readonly #values = new Map<string, Promise<T>>();
  readonly #entries: number;

  constructor(entries: number) {
    this.#entries = entries;
  }

  get(key: string, compute: () => Promise<T>): Promise<T> {
    const value = this.#values.get(key) ?? compute();
    if (key.length > maxKeyLength) return value;
    this.#values.delete(key);
    this.#values.set(key, value);
    value.catch(() => this.#values.delete(key));
    const [oldest] = this.#values.keys();
    if (this.#values.size > this.#entries && oldest !== undefined) this.#values.delete(oldest);
    return value;
  }
}
