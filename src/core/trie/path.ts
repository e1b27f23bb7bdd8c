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

/** The pieces of the way from a root (or from after `from`) to `to`. O(their number). */
export function path(trie: Trie, to: Position, from?: Position): Piece[] {
  return owners(trie, to, from).map(({ piece }) => piece);
}

/** The text of some pieces; what has no text yet (a chat prompt before it is rendered) counts as empty. */
export function textOf(pieces: readonly Piece[]): string {
  let text = "";
  for (const piece of pieces) text += piece.text ?? "";
  return text;
}

/** The text between two positions, or from the root where there is no `from`. */
export function textBetween(trie: Trie, from: Position | undefined, to: Position): string {
  let text = "";
  for (const stretch of stretches(trie, to, from)) {
    for (const { segment, start, end } of sourcesOf(trie, stretch)) text += columnsOf(segment).text(start, end);
  }
  return text;
}

/** The tokens of a way; a piece whose ids are not known counts as one. */
export function tokensBetween(trie: Trie, from: Position | undefined, to: Position): number {
  let tokens = 0;
  for (const stretch of stretches(trie, to, from)) {
    for (const { segment, start, end } of sourcesOf(trie, stretch)) tokens += columnsOf(segment).tokens(start, end);
  }
  return tokens;
}

/** A part of a context: its ids, or a segment of which some ids are not known, with the text that is meant. */
export type ContextPart = { readonly ids: Int32Array } | { readonly segment: Segment; readonly text: string };

/** What is to be sent for a position, in order. O(length). */
export function contextParts(trie: Trie, to: Position): ContextPart[] {
  return stretches(trie, to)
    .flatMap((stretch) => sourcesOf(trie, stretch))
    .map(({ segment, start, end }) => {
      const columns = columnsOf(segment);
      if (columns.withoutIds === 0) return { ids: columns.idRange(start, end) };
      return { segment, text: columns.text(start, end) };
    });
}

/** The ids to send for a position, or the segments that must be encoded first, each once. O(length). */
export function idsOf(trie: Trie, to: Position): { ids: number[] } | { missing: Segment[] } {
  const parts = contextParts(trie, to);
  const missing = new Set(parts.flatMap((part) => ("segment" in part ? [part.segment] : [])));
  if (missing.size > 0) return { missing: [...missing] };
  return { ids: parts.flatMap((part) => ("ids" in part ? [...part.ids] : [])) };
}

/**
 * Who made each piece of a way: a copy is followed to the segments that it copies, so no maker is ever `copy`, but
 * `copied` says that the piece stands here for a second time.
 */
export function owners(trie: Trie, to: Position, from?: Position): Owned[] {
  const owned: Owned[] = [];
  for (const stretch of stretches(trie, to, from)) {
    const copied = stretch.segment.maker.by === "copy";
    for (const { segment, start, end } of sourcesOf(trie, stretch)) {
      const { maker } = segment;
      if (maker.by === "copy") continue; // never: sources are no copies
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
  /** The segment that holds it, and its number there. */
  segment: SegmentId;
  n: number;
  copied: boolean;
}
