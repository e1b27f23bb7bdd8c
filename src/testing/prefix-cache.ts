/** What a call uses of a cache, and puts into it. */
export interface CacheEntry {
  /** How many tokens of its prompt were cached before. */
  readonly hit: number;
  /** Waits until the call may start. */
  readonly ready: Promise<void>;
  /** Records all that the call has computed so far, from the beginning. */
  computed(sequence: readonly number[]): void;
  /** Ends the call. */
  release(): void;
}

export interface Cache {
  begin(prompt: readonly number[]): CacheEntry;
}

/** Remembers which prefixes a server has computed, in whole blocks that all calls share. */
export class PrefixCache implements Cache {
  readonly #block: number;
  readonly #sequences = new Set<readonly number[]>();

  /** @param block length of a block, in tokens. 0: nothing is kept. */
  constructor(block: number) {
    this.#block = block;
  }

  begin(prompt: readonly number[]): CacheEntry {
    let mine: readonly number[] = [];
    const computed = (sequence: readonly number[]): void => {
      this.#sequences.delete(mine);
      this.#sequences.add(sequence);
      mine = sequence;
    };
    return { hit: this.#hit(prompt), ready: Promise.resolve(), computed, release: () => undefined };
  }

  /** The last token of a prompt must always be computed. */
  #hit(prompt: readonly number[]): number {
    if (this.#block === 0) return 0;
    let longest = 0;
    for (const sequence of this.#sequences) longest = Math.max(longest, commonPrefix(sequence, prompt));
    return Math.floor(Math.min(longest, prompt.length - 1) / this.#block) * this.#block;
  }
}

export function commonPrefix(a: readonly number[], b: readonly number[]): number {
  const end = b.findIndex((id, at) => id !== a[at]);
  return end === -1 ? b.length : end;
}
