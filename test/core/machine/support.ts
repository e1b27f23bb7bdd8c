import { endingOf as endingOfSequence } from "../../../src/core/machine/state.ts";
import { columnsOf, segmentOf, type Trie } from "../../../src/core/trie/trie.ts";
import type { Piece } from "../../../src/core/trie/piece.ts";
import { type Played } from "../play.ts";

export const plan = (...lines: string[]) =>
  `<Parallel>\n<Outlines>\n${lines.map((l) => `<Outline>${l}</Outline>\n`).join("")}</Outlines>`;
export const two = plan("1: a", "2: b");

/** The pieces of a text, one for each character. */
export const typed = (text: string): string[] => text.split("");

/** A chance that falls on `k` wherever it can: the k-th call goes first, k + 1 pieces come at once. */
export const at = (k: number) => (n: number) => Math.min(k, n - 1);

export const endingOf = ({ state }: Played) => state.ending;
export const threadEndings = ({ state }: Played) =>
  state.sequences.slice(1).map((sequence) => [sequence.threadId, endingOfSequence(sequence)]);

/** All that stands in a segment. */
export function piecesOf({ trie }: { trie: Trie }, segment: number): Piece[] {
  const columns = columnsOf(segmentOf(trie, segment));
  return Array.from({ length: columns.length }, (_, n) => columns.piece(n));
}
