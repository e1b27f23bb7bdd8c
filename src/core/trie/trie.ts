import { PieceColumns } from "./columns.ts";
import type { ChatMessage, Piece } from "./piece.ts";
import type { SamplingParameters } from "./sampling.ts";

/**
 * The trie of thread prefixes: everything that was prompted, generated or inserted in a run. A segment is made once, by
 * one maker, and is never merged, split or removed. Two segments with the same content stay two segments. What to send,
 * join, count, train on or draw is read from the trie.
 */
export interface Trie {
  readonly segments: Segment[];
}

export type SegmentId = number;

/** What one maker wrote without a break. Functions such as `path` and `textBetween` read its pieces. */
export interface Segment {
  readonly id: SegmentId;
  /** The position that it follows; null for a root: the prompt, or a thread's fresh context. */
  readonly parent: Position | null;
  readonly maker: Maker;
  /** Its pieces; undefined for a copy, whose pieces are those of the span that it copies. */
  readonly pieces: PieceColumns | undefined;
  /**
   * Of a model's segment: the number of pieces that were sampled up to the ending of the call, including the token that
   * ended it. The pieces after these are waste: generated and paid for, but not used. Undefined while the call runs.
   */
  sampled: number | undefined;
  /**
   * Of a model's segment: the number of pieces that can be sent, joined and shown. At most `sampled`: an end of
   * sequence that was dropped, or a marker that was replaced, was sampled but is not part of the context.
   */
  context: number | undefined;
  /** Of a model's segment: how it was generated, with one entry for each attempt. */
  readonly origins: Origin[];
  /** Of a prompt that is a chat: the messages that the model's template renders, and the beginning of the answer. */
  readonly chat: readonly ChatMessage[] | undefined;
  readonly prefill: string | undefined;
}

/** A place after `n` pieces of `segment`. Any number of segments can follow it, also while the segment still grows. */
export interface Position {
  readonly segment: SegmentId;
  readonly n: number;
}

/** The path between two positions. `from` is an ancestor of `to`. */
export interface Span {
  readonly from: Position;
  readonly to: Position;
}

export type Maker =
  | { readonly by: "prompt" }
  /** One call of a sequence. For `role` and `threadId` see `Call` and `Sequence`. */
  | { readonly by: "model"; readonly call: number; readonly threadId: string; readonly role: Role }
  | { readonly by: "runtime"; readonly why: RuntimeReason }
  /** The beginning of the model's piece after `of`, which was cut. It was not sampled as a token. */
  | { readonly by: "cut"; readonly of: Position }
  /** A copy of the pieces in `of`, after another path. Training must leave it out, or it would count tokens twice. */
  | { readonly by: "copy"; readonly of: Span };

/**
 * What a call is for. `body`: the sequence's text. `tail`: tokens after its stop marker. `after`: the phase after a
 * join.
 */
export type Role = "body" | "tail" | "after";

/** Why the runtime wrote something. `substitute`: a guard replaced a marker. `return`: results of threads. */
export type RuntimeReason = "header" | "close" | "tail" | "return" | "substitute" | "repair";

/** How the pieces of a segment were generated, beginning with piece `from`. */
export interface Origin {
  /** The first piece of this attempt. */
  from: number;
  /** 1 for the first try. */
  attempt: number;
  /** Tokens of the context that was sent. */
  promptTokens: number;
  /** The ids that were sent, if they are not those of the trie because the text was encoded again. */
  promptIds?: readonly number[] | undefined;
  sampling?: SamplingParameters | undefined;
  seed?: number | undefined;
  /** The version of the weights that generated the last token, if the server reports it. */
  weightVersion?: string | undefined;
  /** Tokens of the prompt that the engine had in its cache. */
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

/** Adds a new segment after `parent`, and returns the position after its last piece. */
export function append(trie: Trie, parent: Position | null, maker: Maker, pieces: readonly Piece[]): Position {
  const columns = new PieceColumns();
  for (const piece of pieces) columns.push(piece);
  const { chat, prefill } = pieces[0] ?? {};
  const id = trie.segments.length;
  // A copy, since a recorder may keep or change what it was given.
  const own = chat?.map((message) => ({ ...message }));
  trie.segments.push({ ...blank, id, parent, maker, pieces: columns, origins: [], chat: own, prefill });
  return { segment: id, n: pieces.length };
}

const blank = { sampled: undefined, context: undefined, chat: undefined, prefill: undefined };

/** Adds a copy of the path between two positions after `at`. Nothing is stored twice. */
export function copyAfter(trie: Trie, at: Position, of: Span): Position {
  const id = trie.segments.length;
  trie.segments.push({ ...blank, id, parent: at, maker: { by: "copy", of }, pieces: undefined, origins: [] });
  return { segment: id, n: stretches(trie, of.to, of.from).reduce((sum, { start, end }) => sum + end - start, 0) };
}

/** How many pieces a segment has. O(1), except for a copy. */
export function pieceCount(trie: Trie, segment: Segment): number {
  if (segment.pieces !== undefined) return segment.pieces.length;
  if (segment.maker.by !== "copy") return 0;
  const { from, to } = segment.maker.of;
  return stretches(trie, to, from).reduce((sum, { start, end }) => sum + end - start, 0);
}

/** The columns of a segment that is not a copy. */
export function columnsOf({ pieces, id }: Segment): PieceColumns {
  if (pieces === undefined) throw new RangeError(`segment ${id} is a copy, so its pieces are in other segments`);
  return pieces;
}

/** Sets the ids of a segment of the runtime or the prompt that had none; for a rendered chat also its text. */
export function encodePiece(trie: Trie, id: SegmentId, ids: readonly number[], text: string | undefined): void {
  columnsOf(segmentOf(trie, id)).encode(ids, text);
}

/** A part of one segment. */
export interface Stretch {
  readonly segment: Segment;
  readonly start: number;
  readonly end: number;
}

/**
 * The stretches of the path from the root, or from `from`, to `to`, in order. O(number of segments on it). Throws
 * RangeError if `from` is not on that path.
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
    throw new RangeError(`position ${from.segment}:${from.n} is not an ancestor of ${to.segment}:${to.n}`);
  return way.reverse();
}

/** The same stretch in the segments that hold its pieces. For a copy these are the segments that it copies. */
export function sourcesOf(trie: Trie, { segment, start, end }: Stretch): Stretch[] {
  if (segment.maker.by !== "copy") return [{ segment, start, end }];
  const { of } = segment.maker;
  const sources: Stretch[] = [];
  let at = 0;
  for (const part of stretches(trie, of.to, of.from)) {
    const length = part.end - part.start;
    const from = part.start + Math.max(0, start - at);
    const to = part.start + Math.min(length, end - at);
    if (from < to) sources.push(...sourcesOf(trie, { segment: part.segment, start: from, end: to }));
    at += length;
  }
  return sources;
}

/** The segment with which a path begins. O(number of segments on it). */
export function rootOf(trie: Trie, at: Position): Segment {
  let segment = segmentOf(trie, at.segment);
  while (segment.parent !== null) segment = segmentOf(trie, segment.parent.segment);
  return segment;
}

/** Where two paths with the same root divide. O(number of segments between them). */
export function commonAncestor(trie: Trie, a: Position, b: Position): Position {
  let [left, right] = [a, b];
  while (left.segment !== right.segment) {
    const { parent } = segmentOf(trie, Math.max(left.segment, right.segment));
    if (parent === null)
      throw new RangeError(`positions of segments ${a.segment} and ${b.segment} have no common root`);
    if (left.segment > right.segment) left = parent;
    else right = parent;
  }
  return left.n < right.n ? left : right;
}
