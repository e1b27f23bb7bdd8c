import { columnsOf, type Role, type Trie } from "./trie.ts";
import type { Piece } from "./piece.ts";
import { deserializeTrie, type SerializedTrie } from "./serialize.ts";

/** A piece that the model generated, and the call that generated it. */
export interface GeneratedPiece extends Piece {
  /** The number of the call in the whole run, from 0, as in events. */
  call: number;
  role: Role;
  /** Whether it is part of the text. An end of sequence that was dropped is not. */
  isContext: boolean;
}

/**
 * The pieces that one sequence generated itself, in order, with ids and log-probabilities. Each sampled piece is there
 * once, also the one that ended a call. Waste is left out, and so is text that was inserted or copied.
 *
 * @param tree - the tree of a result, or a trie.
 * @param threadId - such as `0/1.2`; `0` is main.
 */
export function generatedBy(tree: SerializedTrie | Trie, threadId: string): GeneratedPiece[] {
  const { segments } = "version" in tree ? deserializeTrie(tree) : tree;
  return segments.flatMap((segment) => {
    const { maker, sampled, context } = segment;
    if (maker.by !== "model" || maker.threadId !== threadId) return [];
    const columns = columnsOf(segment);
    const { call, role } = maker;
    return Array.from({ length: sampled ?? columns.length }, (_, n) => ({
      ...columns.piece(n),
      call,
      role,
      isContext: n < (context ?? columns.length),
    }));
  });
}
