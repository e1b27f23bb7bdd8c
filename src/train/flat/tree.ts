import { columnsOf, sourcesOf, stretches, type Stretch, type Trie } from "../../core/trie/trie.ts";
import { contextOf, sampledParts, type Part } from "../parts.ts";
import type { Trajectory } from "../trajectory.ts";
import { createRoot, follow, type Branch, type Place } from "./branch.ts";

/**
 * How shared tokens are laid out. `trie`: what stands once in the run's trie stands here once. `spliced`: main's text is
 * one slice, as its last call saw it, with copies of what all threads wrote; each thread is a side branch of its own.
 */
export type Layout = "trie" | "spliced";

/** Where the tokens of one part are: `start` to `end` of a branch. */
export interface Placed {
  readonly part: Part;
  readonly branch: Branch;
  readonly start: number;
  readonly end: number;
}

/** All that calls were sent and sampled, as a tree, and where each part of it is. */
export interface TokenTree {
  readonly root: Branch;
  readonly placed: readonly Placed[];
}

export function treeOf(trajectory: Trajectory, layout: Layout): TokenTree {
  const root = createRoot();
  let main: Branch | undefined;
  const placed = sampledParts(trajectory).map((part): Placed => {
    const before = layPath(trajectory, part, layout, root);
    const { segment, start, end, threadId } = part;
    const columns = columnsOf(segment);
    const { branch } = follow(before, `${segment.id}`, columns.idRange(0, end), segment);
    if (threadId === "0") main = branch;
    return { part, branch, start: columns.idRange(0, start).length, end: columns.idRange(0, end).length };
  });
  for (let branch = main; branch !== undefined; branch = branch.parent) branch.onMain = true;
  return { root, placed };
}

/** Lays the context of a part. */
function layPath(trajectory: Trajectory, part: Part, layout: Layout, root: Branch): Place {
  const { trie } = trajectory;
  const { segment, call, threadId } = part;
  const sent = segment.origins[0]?.promptIds;
  const begin: Place = { branch: root, at: 0 };
  if (sent !== undefined) return follow(begin, `sent ${call}`, Int32Array.from(sent), undefined);
  if (segment.parent === null) return begin;
  const path = stretches(trie, segment.parent);
  if (path.some((stretch) => hasUnknown(trie, stretch))) contextOf(trajectory, part); // which says what is missing
  return path.reduce((at, stretch) => {
    const isOther = layout === "spliced" && isOfAnother(stretch, threadId);
    const key = isOther ? `copy ${stretch.segment.id}` : `${stretch.segment.id}`;
    return follow(at, key, idsOfStretch(trie, stretch), stretch.segment);
  }, begin);
}

/** Whether a thread wrote it that this one does not belong to. */
function isOfAnother({ segment: { maker } }: Stretch, threadId: string): boolean {
  return maker.by === "model" && threadId !== maker.threadId && !threadId.startsWith(`${maker.threadId}/`);
}

function hasUnknown(trie: Trie, stretch: Stretch): boolean {
  return sourcesOf(trie, stretch).some(({ segment }) => columnsOf(segment).withoutIds > 0);
}

function idsOfStretch(trie: Trie, stretch: Stretch): Int32Array {
  const parts = sourcesOf(trie, stretch).map(({ segment, start, end }) => columnsOf(segment).idRange(start, end));
  const [first, ...others] = parts;
  if (first === undefined) return new Int32Array(0);
  if (others.length === 0) return first;
  const all = new Int32Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const ids of parts) {
    all.set(ids, at);
    at += ids.length;
  }
  return all;
}
