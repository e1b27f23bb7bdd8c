import { columnsOf, pieceCount, segmentOf, sourcesOf, type Segment, type Trie } from "../../core/trie/trie.ts";
import type { Trajectory } from "../../train/trajectory.ts";

/** One row of what `data show` prints: who wrote it, and how many of its tokens are trained. */
export interface Shown {
  readonly thread: string;
  readonly by: string;
  readonly tokens: number;
  readonly trained: number;
  readonly text: string;
}

/** Who wrote what of a trajectory, in the order in which it was made. */
export function shownParts({ trie }: Trajectory): Shown[] {
  const threads = threadsOf(trie);
  return trie.segments.map((segment): Shown => {
    const { maker } = segment;
    const length = pieceCount(trie, segment);
    const tokens = sourcesOf(trie, { segment, start: 0, end: length }).reduce(
      (sum, { segment: source, start, end }) => sum + columnsOf(source).tokens(start, end),
      0,
    );
    const trained = maker.by === "model" ? columnsOf(segment).tokens(0, segment.sampled ?? length) : 0;
    return {
      thread: threads.get(segment) ?? "",
      by: makerOf(trie, segment),
      tokens,
      trained,
      text: textOf(trie, segment, length),
    };
  });
}

function makerOf(trie: Trie, { maker }: Segment): string {
  switch (maker.by) {
    case "prompt":
      return "prompt";
    case "model":
      return `call ${maker.call}${maker.role === "body" ? "" : ` (${maker.role})`}`;
    case "runtime":
      return maker.why;
    case "cut":
      return "kept part of a piece";
    case "copy":
      return `copy of ${authorOf(trie, maker.of.to.segment)}`;
  }
}

/** In whose text each segment stands: what a thread goes on after is its own, up to what another one wrote. */
function threadsOf({ segments }: Trie): Map<Segment, string> {
  const threads = new Map<Segment, string>();
  for (const call of segments) {
    if (call.maker.by !== "model") continue;
    threads.set(call, call.maker.threadId);
    for (let at = call.parent; at !== null;) {
      const before: Segment | undefined = segments[at.segment];
      if (before === undefined || before.maker.by === "model" || threads.has(before)) break;
      threads.set(before, call.maker.threadId);
      at = before.parent;
    }
  }
  return threads;
}

function authorOf(trie: Trie, id: number): string {
  for (let segment = segmentOf(trie, id); ;) {
    if (segment.maker.by === "model") return segment.maker.threadId;
    if (segment.parent === null) return "";
    segment = segmentOf(trie, segment.parent.segment);
  }
}

function textOf(trie: Trie, segment: Segment, length: number): string {
  return sourcesOf(trie, { segment, start: 0, end: length })
    .map(({ segment: source, start, end }) => columnsOf(source).text(start, end))
    .join("");
}
