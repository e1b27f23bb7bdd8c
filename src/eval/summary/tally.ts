/** Counts names. They may come from a model, so none may mean something to an object. */
export class Tally {
  readonly #counts = new Map<string, number>();

  add(name: string, times = 1): void {
    this.#counts.set(name, (this.#counts.get(name) ?? 0) + times);
  }

  addAll(counts: Readonly<Record<string, number>>): void {
    for (const [name, times] of Object.entries(counts)) this.add(name, times);
  }

  /** The most frequent first, then by name: the order of lines does not matter. */
  toCounts(): Record<string, number> {
    const entries = [...this.#counts].sort(([a, times], [b, others]) => others - times || compareNames(a, b));
    return Object.fromEntries(entries);
  }
}

/** By code units, so the order is the same on every machine. */
export function compareNames(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
