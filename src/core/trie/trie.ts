import { PieceColumns } from "./columns.ts";
import type { ChatMessage, Piece } from "./piece.ts";
import type { SamplingParameters } from "./sampling.ts";

/**
 * The trie of thread prefixes: all that was prompted, generated or inserted in a run. It is structural: a segment is
 * made once, by one maker, and is never merged, split or removed; equal content does not make two segments one. What to
 * send, splice, bill, train on or draw is read from it.
 */
export interface Trie {
  readonly segments: Segment[];
}

export type SegmentId = number;

/** What one maker wrote without a break. Its pieces are read by the functions of this folder. */
export interface Segment {
  readonly id: SegmentId;
  /** Where it hangs; null for a root (the prompt, or a thread's fresh context). */
  readonly parent: Position | null;
  readonly maker: Maker;
  /** Its pieces; undefined for a copy, whose pieces are those of the span that it copies. */
  readonly pieces: PieceColumns | undefined;
  /**
   * Of a model's segment: the pieces before this number were sampled up to the ending of the call, the token that ended
   * it included. Those after it are waste: generated, paid for, and of no further use. Undefined while the call runs.
   */
  sampled: number | undefined;
  /**
   * Of a model's segment: the pieces before this number may be sent, spliced and shown. At most `sampled`: an end of
   * sequence that was dropped, or a marker that was replaced, was sampled and is no context.
   */
  context: number | undefined;
  /** Of a model's segment: how it was generated, one entry for each attempt that gave pieces. */
  readonly origins: Origin[];
  /** Of a prompt that is a chat: the messages that the model's template renders, and what begins the answer. */
  readonly chat: readonly ChatMessage[] | undefined;
  readonly prefill: string | undefined;
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
  /** One call of a sequence; `role` and `threadId` as in `Call` and `Sequence`. */
  | { readonly by: "model"; readonly call: number; readonly threadId: string; readonly role: Role }
  | { readonly by: "runtime"; readonly why: RuntimeReason }
  /** The beginning of the model's piece after `of`: a cut went through that piece. Not a token that anyone sampled. */
  | { readonly by: "cut"; readonly of: Position }
  /** Spliced again after another path; whose tokens these are stands in `of`. Never trained on. */
  | { readonly by: "copy"; readonly of: Span };

/** What a call is for. `body`: the sequence's own text. `tail`: what follows its stop marker. `after`: the phase after a join. */
export type Role = "body" | "tail" | "after";

/** Why the runtime wrote something. `substitute`: what a guard puts in a marker's place. `return`: results of threads. */
export type RuntimeReason = "header" | "close" | "tail" | "return" | "substitute";

/** How the pieces of a segment from `from` on were generated. */
export interface Origin {
  /** The first piece of this attempt. */
  from: number;
  /** 1 for the first try. */
  attempt: number;
  /** Tokens of the context that was sent. */
  promptTokens: number;
  /** The ids that were sent, where they are not those of the trie (the text was encoded again). */
  promptIds?: readonly number[] | undefined;
  sampling?: SamplingParameters | undefined;
  seed?: number | undefined;
  /** Of the weights that generated the last token, where the server reports it. */
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

/** Hangs a new segment at `parent` and returns the position after its last piece. */
export function append(trie: Trie, parent: Position | null, maker: Maker, pieces: readonly Piece[]): Position {
  const columns = new PieceColumns();
  for (const piece of pieces) columns.push(piece);
  const { chat, prefill } = pieces[0] ?? {};
  const id = trie.segments.length;
  const rendered = chat?.map(({ role, content }) => ({ role, content }));
  trie.segments.push({ ...blank, id, parent, maker, pieces: columns, origins: [], chat: rendered, prefill });
  return { segment: id, n: pieces.length };
}

const blank = { sampled: undefined, context: undefined, chat: undefined, prefill: undefined };

/** A copy of the way between two positions, hung after `at`. Nothing is stored twice. */
export function copyAfter(trie: Trie, at: Position, of: Span): Position {
  const id = trie.segments.length;
  trie.segments.push({ ...blank, id, parent: at, maker: { by: "copy", of }, pieces: undefined, origins: [] });
  return { segment: id, n: stretches(trie, of.to, of.from).reduce((sum, { start, end }) => sum + end - start, 0) };
}

/** How many pieces a segment has. O(1) but for a copy. */
export function pieceCount(trie: Trie, segment: Segment): number {
  if (segment.pieces !== undefined) return segment.pieces.length;
  if (segment.maker.by !== "copy") return 0;
  const { from, to } = segment.maker.of;
  return stretches(trie, to, from).reduce((sum, { start, end }) => sum + end - start, 0);
}

/** The columns of a segment that is no copy. */
export function columnsOf({ pieces, id }: Segment): PieceColumns {
  if (pieces === undefined) throw new RangeError(`segment ${id} is a copy: its pieces stand elsewhere`);
  return pieces;
}

/** The ids of a piece of the runtime or the prompt that had none; for a chat that was rendered, also its text. */
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
 * The stretches of the way from a root (or from after `from`) to `to`, in order. O(number of segments on it).
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

/** The same stretch in the segments that hold its pieces: a copy is followed to what it copies. */
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

/** Where two ways part. Both have the same root; O(number of segments between them). */
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
