import type { Piece } from "./piece.ts";
import {
  columnsOf,
  sourcesOf,
  stretches,
  type Maker,
  type Position,
  type Segment,
  type SegmentId,
  type Trie,
} from "./trie.ts";

/** The pieces on the path from the root, or from `from`, to `to`. O(number of pieces). */
export function path(trie: Trie, to: Position, from?: Position): Piece[] {
  return owners(trie, to, from).map(({ piece }) => piece);
}

/** The text of some pieces. A piece without a text, such as a chat prompt before it is rendered, counts as empty. */
export function textOf(pieces: readonly Piece[]): string {
  let text = "";
  for (const piece of pieces) text += piece.text ?? "";
  return text;
}

/** The text between two positions, or from the root if there is no `from`. */
export function textBetween(trie: Trie, from: Position | undefined, to: Position): string {
  let text = "";
  for (const stretch of stretches(trie, to, from)) {
    for (const { segment, start, end } of sourcesOf(trie, stretch)) text += columnsOf(segment).text(start, end);
  }
  return text;
}

/** The number of tokens on a path. A piece whose ids are not known counts as one. */
export function tokensBetween(trie: Trie, from: Position | undefined, to: Position): number {
  let tokens = 0;
  for (const stretch of stretches(trie, to, from)) {
    for (const { segment, start, end } of sourcesOf(trie, stretch)) tokens += columnsOf(segment).tokens(start, end);
  }
  return tokens;
}

/** A part of a context: its ids, or a segment without all its ids, and the text of the part. */
export type ContextPart = { readonly ids: Int32Array } | { readonly segment: Segment; readonly text: string };

/** The parts of the context of a position, in order. O(length). */
export function contextParts(trie: Trie, to: Position): ContextPart[] {
  return stretches(trie, to)
    .flatMap((stretch) => sourcesOf(trie, stretch))
    .map(({ segment, start, end }) => {
      const columns = columnsOf(segment);
      if (columns.withoutIds === 0) return { ids: columns.idRange(start, end) };
      return { segment, text: columns.text(start, end) };
    });
}

/** The ids of the context of a position, or the segments that must be encoded first, each once. O(length). */
export function idsOf(trie: Trie, to: Position): { ids: number[] } | { missing: Segment[] } {
  const parts = contextParts(trie, to);
  const missing = new Set(parts.flatMap((part) => ("segment" in part ? [part.segment] : [])));
  if (missing.size > 0) return { missing: [...missing] };
  return { ids: parts.flatMap((part) => ("ids" in part ? [...part.ids] : [])) };
}

/**
 * Who made each piece of a path. For a copied piece this is the maker of the original, so no maker is ever `copy`;
 * `copied` says that the piece is a copy here.
 */
export function owners(trie: Trie, to: Position, from?: Position): Owned[] {
  const owned: Owned[] = [];
  for (const stretch of stretches(trie, to, from)) {
    const copied = stretch.segment.maker.by === "copy";
    for (const { segment, start, end } of sourcesOf(trie, stretch)) {
      const { maker } = segment;
      if (maker.by === "copy") continue; // never happens: sources are not copies
      const columns = columnsOf(segment);
      for (let n = start; n < end; n += 1) {
        owned.push({ piece: pieceOf(segment, columns.piece(n)), maker, segment: segment.id, n, copied });
      }
    }
  }
  return owned;
}

function pieceOf({ chat, prefill }: Segment, piece: Piece): Piece {
  if (chat === undefined) return piece;
  return { ...piece, chat, ...(prefill !== undefined && { prefill }) };
}

export interface Owned {
  piece: Piece;
  maker: Exclude<Maker, { by: "copy" }>;
  /** The segment that holds the piece, and the piece's number there. */
  segment: SegmentId;
  n: number;
  copied: boolean;
}
