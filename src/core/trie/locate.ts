import type { Piece } from "./piece.ts";
import { append, path, stretches, textOf, type Position, type Trie } from "./trie.ts";

/**
 * The position behind `offset` code units of the text between `from` and `to`. Where that is inside a piece, the piece
 * itself stays whole in the trie as what was generated, and its kept part is hung before it as a piece of the runtime.
 */
export function cutAt(trie: Trie, from: Position, to: Position, offset: number): Position {
  let left = offset;
  let last = from;
  for (const { segment, start, end } of stretches(trie, to, from)) {
    for (let n = start; n < end; n += 1) {
      if (left === 0) return n === start ? last : { segment: segment.id, n };
      const text = segment.pieces[n]?.text ?? "";
      if (text.length > left) {
        const at = n === start ? last : { segment: segment.id, n };
        return append(trie, at, { by: "runtime", why: "cutPiece" }, [{ text: text.slice(0, left) }]);
      }
      left -= text.length;
    }
    last = { segment: segment.id, n: end };
  }
  return last;
}

/** The text between two positions. */
export function textBetween(trie: Trie, from: Position, to: Position): string {
  return textOf(path(trie, to, from));
}

/** The text before and behind the last `marker`: found by its id where it has one, else by its characters. */
export function aroundLast(
  pieces: readonly Piece[],
  marker: string,
  id: number | undefined,
): { before: string; behind: string } | undefined {
  if (id === undefined) {
    const text = textOf(pieces);
    const at = text.lastIndexOf(marker);
    return at < 0 ? undefined : { before: text.slice(0, at), behind: text.slice(at + marker.length) };
  }
  const at = pieces.findLastIndex((piece) => piece.ids?.length === 1 && piece.ids[0] === id);
  return at < 0 ? undefined : { before: textOf(pieces.slice(0, at)), behind: textOf(pieces.slice(at + 1)) };
}
