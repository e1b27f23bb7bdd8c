/** Which prefixes a server has computed, in whole blocks. */
export class PrefixCache {
  readonly #block: number;
  readonly #sequences: (readonly number[])[] = [];

  constructor(block: number) {
    this.#block = block;
  }

  /** Tokens of a prompt that need not be computed again; the last one always must. */
  hit(prompt: readonly number[]): number {
    if (this.#block === 0) return 0;
    const longest = this.#sequences.reduce((most, sequence) => Math.max(most, commonPrefix(sequence, prompt)), 0);
    return Math.floor(Math.min(longest, prompt.length - 1) / this.#block) * this.#block;
  }

  add(sequence: readonly number[]): void {
    this.#sequences.push(sequence);
  }
}

function commonPrefix(a: readonly number[], b: readonly number[]): number {
  const end = b.findIndex((id, at) => id !== a[at]);
  return end === -1 ? b.length : end;
}
