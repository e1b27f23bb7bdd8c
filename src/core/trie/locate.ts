import { textBetween } from "./path.ts";
import { append, columnsOf, sourcesOf, stretches, type Position, type Trie } from "./trie.ts";

/**
 * The position after `offset` code units of the text between `from` and `to`. If that is inside a piece, the piece
 * itself stays whole in the trie, since it was generated so. Its kept part becomes a segment of its own, before the
 * piece.
 */
export function cutAt(trie: Trie, from: Position, to: Position, offset: number): Position {
  let left = offset;
  let last = from;
  for (const stretch of stretches(trie, to, from)) {
    let n = stretch.start;
    for (const { segment, start, end } of sourcesOf(trie, stretch)) {
      const columns = columnsOf(segment);
      const begin = columns.textStart(start);
      if (columns.textStart(end) - begin < left) {
        left -= columns.textStart(end) - begin;
        n += end - start;
        continue;
      }
      for (let piece = start; piece < end; piece += 1, n += 1) {
        const at = n === stretch.start ? last : { segment: stretch.segment.id, n };
        if (left === 0) return at;
        const text = columns.text(piece, piece + 1);
        if (text.length > left) {
          const of = { segment: segment.id, n: piece };
          return append(trie, at, { by: "cut", of }, [{ text: text.slice(0, left) }]);
        }
        left -= text.length;
      }
    }
    last = { segment: stretch.segment.id, n: stretch.end };
  }
  return last;
}

/**
 * Where the last `marker` is in the text between two positions, in code units of that text. A marker that is one token
 * is found by its id only, any other marker by its characters.
 */
export function lastMarker(
  trie: Trie,
  from: Position,
  to: Position,
  marker: string,
  id: number | undefined,
): { start: number; end: number } | undefined {
  if (id === undefined) {
    const start = textBetween(trie, from, to).lastIndexOf(marker);
    return start < 0 ? undefined : { start, end: start + marker.length };
  }
  let offset = 0;
  let found: { start: number; end: number } | undefined;
  for (const stretch of stretches(trie, to, from)) {
    for (const { segment, start, end } of sourcesOf(trie, stretch)) {
      const columns = columnsOf(segment);
      const before = offset - columns.textStart(start);
      for (let n = end - 1; n >= start; n -= 1) {
        if (!columns.isToken(n, id)) continue;
        found = { start: before + columns.textStart(n), end: before + columns.textStart(n + 1) };
        break;
      }
      offset = before + columns.textStart(end);
    }
  }
  return found;
}
