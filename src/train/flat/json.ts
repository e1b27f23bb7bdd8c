import type { FlatTrie } from "./flatten.ts";

/** A flattened trie as a line of JSON has it, in the names that Python uses. */
export interface FlatTrieRow {
  readonly ids: number[];
  readonly positions: number[];
  readonly parent: number[];
  readonly last_descendant: number[];
  readonly source: number[];
  readonly target: number[];
  readonly weight: number[];
}

export function flatTrieRow({ ids, positions, parent, lastDescendant, pairs }: FlatTrie): FlatTrieRow {
  return {
    ids: [...ids],
    positions: [...positions],
    parent: [...parent],
    last_descendant: [...lastDescendant],
    source: [...pairs.source],
    target: [...pairs.target],
    weight: [...pairs.weight],
  };
}
