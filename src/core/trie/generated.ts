import { columnsOf, type Role, type Trie } from "./trie.ts";
import type { Piece } from "./piece.ts";
import { deserializeTrie, type SerializedTrie } from "./serialize.ts";

/** A piece that the model generated, and the call that it came from. */
export interface GeneratedPiece extends Piece {
  /** Counts the calls of the whole run from 0, as events do. */
  call: number;
  role: Role;
  /** Whether it stands in the text; an end of sequence that was dropped does not. */
  isContext: boolean;
}

/**
 * What one sequence generated itself, in order, with ids and log-probabilities: each sampled piece once, the one that
 * ended a call included, waste not. Inserted and copied text is not in it.
 *
 * @param tree of a result, or a trie.
 * @param threadId such as `0/1.2`; `0` is main.
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
