import { tokensOf, type Piece } from "./piece.ts";

/**
 * The trie of thread prefixes: all that was prompted, generated or inserted in a run. It is structural: a segment is
 * made once, by one maker, and is never merged, split or removed; equal content does not make two segments one. What to
 * send, splice, bill, train on or draw is read from it.
 */
export interface Trie {
  readonly segments: Segment[];
}

export type SegmentId = number;

export interface Segment {
  readonly id: SegmentId;
  /** Where it hangs; null for a root (the prompt, or a thread's fresh context). */
  readonly parent: Position | null;
  readonly maker: Maker;
  /** For a model's segment also the wasted, see `kept`. */
  readonly pieces: Piece[];
  /** Of a model's segment: pieces behind this number were generated in vain. Never sent, spliced or trained on. */
  kept?: number;
  /** Of a model's segment: how it was generated, for those who train on it. */
  origin?: Origin;
}

/** After `n` pieces of `segment`. Any number of children may hang at any n, also while the segment still grows. */
export interface Position {
  readonly segment: SegmentId;
  readonly n: number;
}

/** What lies between two positions; `from` is an ancestor of `to`. */
export interface Span {
  readonly from: Position;
  readonly to: Position;
}

export type Maker =
  | { readonly by: "prompt" }
  | { readonly by: "model"; readonly call: number }
  | { readonly by: "runtime"; readonly why: RuntimeReason }
  /** Spliced again behind another path; whose tokens these are stands in `of`. Never trained on. */
  | { readonly by: "copy"; readonly of: Span };

/** `cutPiece` is the kept part of a piece that a cut went through; `substitute` what a guard puts in a marker's place. */
export type RuntimeReason = "header" | "close" | "tail" | "return" | "substitute" | "cutPiece";

export interface Origin {
  sampling?: { temperature: number; topP: number; repetitionPenalty?: number | undefined } | undefined;
  seed?: number | undefined;
  /** 1 for the first try; a call that was resumed goes on in a segment of its own. */
  attempt?: number | undefined;
  weightVersion?: string | undefined;
  /** Tokens of its prompt that the engine had in its cache. */
  cachedTokens?: number | undefined;
}

export function createTrie(): Trie {
  return { segments: [] };
}

export function segmentOf(trie: Trie, id: SegmentId): Segment {
  const segment = trie.segments[id];
  if (segment === undefined) throw new RangeError(`the trie has no segment ${id}`);
  return segment;
}

/** Hangs a new segment at `parent` and returns the position behind its last piece. */
export function append(trie: Trie, parent: Position | null, maker: Maker, pieces: Piece[]): Position {
  const id = trie.segments.length;
  trie.segments.push({ id, parent, maker, pieces });
  return { segment: id, n: pieces.length };
}

/**
 * The stretches of the way from a root (or from behind `from`) to `to`, in order. O(number of segments on it).
 * Throws RangeError when `from` does not lie on that way.
 */
export function stretches(trie: Trie, to: Position, from?: Position): Stretch[] {
  const way: Stretch[] = [];
  for (let at: Position | null = to; at !== null;) {
    const segment: Segment = segmentOf(trie, at.segment);
    if (from !== undefined && segment.id === from.segment && from.n <= at.n) {
      way.push({ segment, start: from.n, end: at.n });
      return way.reverse();
    }
    way.push({ segment, start: 0, end: at.n });
    at = segment.parent;
  }
  if (from !== undefined)
    throw new RangeError(`position ${from.segment}:${from.n} is no ancestor of ${to.segment}:${to.n}`);
  return way.reverse();
}

export interface Stretch {
  readonly segment: Segment;
  readonly start: number;
  readonly end: number;
}

function piecesOf({ segment: { pieces }, start, end }: Stretch): readonly Piece[] {
  return start === 0 && end === pieces.length ? pieces : pieces.slice(start, end);
}

/** The pieces of the way from a root (or from behind `from`) to `to`. O(their number). */
export function path(trie: Trie, to: Position, from?: Position): Piece[] {
  const pieces: Piece[] = [];
  for (const stretch of stretches(trie, to, from)) for (const piece of piecesOf(stretch)) pieces.push(piece);
  return pieces;
}

/** The text of a way; what has no text yet (a chat prompt before it is rendered) counts as empty. */
export function textOf(pieces: readonly Piece[]): string {
  let text = "";
  for (const piece of pieces) text += piece.text ?? "";
  return text;
}

export interface MissingIds {
  readonly segment: SegmentId;
  readonly n: number;
  readonly piece: Piece;
}

/** The ids to send for a position, or the pieces that somebody must encode first. O(length). */
export function idsOf(trie: Trie, to: Position): { ids: number[] } | { missing: MissingIds[] } {
  const ids: number[] = [];
  const missing: MissingIds[] = [];
  for (const stretch of stretches(trie, to)) {
    for (const [i, piece] of piecesOf(stretch).entries()) {
      if (piece.ids === undefined) missing.push({ segment: stretch.segment.id, n: stretch.start + i, piece });
      else for (const id of piece.ids) ids.push(id);
    }
  }
  return missing.length > 0 ? { missing } : { ids };
}

/** The tokens of a way. */
export function lengthOf(trie: Trie, to: Position, from?: Position): number {
  let tokens = 0;
  for (const piece of path(trie, to, from)) tokens += tokensOf(piece);
  return tokens;
}

/**
 * Who made each piece of a way: a copy is followed to the segments that it copies, so no maker is ever `copy`, but
 * `copied` tells that the piece stands here for a second time.
 */
export function owners(trie: Trie, to: Position, from?: Position): Owned[] {
  return stretches(trie, to, from).flatMap(({ segment, start, end }): Owned[] => {
    if (segment.maker.by === "copy") {
      const { of } = segment.maker;
      return owners(trie, of.to, of.from)
        .slice(start, end)
        .map((owned) => ({ ...owned, copied: true }));
    }
    const { maker } = segment;
    return piecesOf({ segment, start, end }).map((piece) => ({ piece, maker, segment: segment.id, copied: false }));
  });
}

export interface Owned {
  piece: Piece;
  maker: Exclude<Maker, { by: "copy" }>;
  segment: SegmentId;
  copied: boolean;
}

/** A copy of the way between two positions, hung behind `at`. The pieces themselves are shared. */
export function copyBehind(trie: Trie, at: Position, of: Span): Position {
  return append(trie, at, { by: "copy", of }, path(trie, of.to, of.from));
}

/** Plain data for JSON; a copy's pieces are left out, since they stand elsewhere. */
export function serializeTrie(trie: Trie): SerializedTrie {
  return {
    version: 1,
    segments: trie.segments.map(({ pieces, maker, ...rest }) =>
      maker.by === "copy" ? { ...rest, maker } : { ...rest, maker, pieces },
    ),
  };
}

export interface SerializedTrie {
  version: 1;
  segments: (Omit<Segment, "pieces"> & { pieces?: Piece[] })[];
}

/** The trie again. Throws RangeError on positions that do not exist. */
export function deserializeTrie(data: SerializedTrie): Trie {
  const trie = createTrie();
  for (const { pieces, ...rest } of data.segments) {
    const { maker, parent } = rest;
    if (parent !== null) checkPosition(trie, parent);
    if (maker.by === "copy") checkPosition(trie, maker.of.to);
    trie.segments.push({
      ...rest,
      pieces: maker.by === "copy" ? path(trie, maker.of.to, maker.of.from) : (pieces ?? []),
    });
  }
  return trie;
}

function checkPosition(trie: Trie, { segment, n }: Position): void {
  const { length } = segmentOf(trie, segment).pieces;
  if (n > length) throw new RangeError(`segment ${segment} has ${length} pieces, so there is no position behind ${n}`);
}
