import { textBetween } from "../../core/trie/path.ts";
import { pieceCount, type Position, type Segment, type Trie } from "../../core/trie/trie.ts";
import type { ShownResult } from "./result-shape.ts";
import type { LaneText, Texts } from "./texts.ts";
import { forkMarkOf, type Timeline } from "./timeline.ts";

/**
 * Where the texts of a result stand in its tree. A thread begins where its first call does; it ends at the place up to
 * which the tree has the text that the result says it has.
 *
 * @param order the sequence of each lane: 0 is main, the others are the threads in the result's order.
 */
export function textsOfResult(
  { trie, head, threads }: ShownResult,
  timeline: Timeline,
  order: readonly number[],
): Texts {
  const calls = Map.groupBy(trie.segments, ({ maker }) => (maker.by === "model" ? maker.threadId : undefined));
  const children = Map.groupBy(trie.segments, ({ parent }) => parent?.segment);
  const firstSegment = (lane: number): number => calls.get(timeline.lanes[lane]?.threadId)?.[0]?.id ?? Infinity;
  const lanes = order.map((id, lane): LaneText => {
    const forks = (timeline.lanes[lane]?.forks ?? []).map((fork) => {
      const own = forkMarkOf(timeline, fork).threads;
      return { threads: own, segment: Math.min(...own.map(firstSegment)) };
    });
    if (id === 0) return { body: { segment: 0, n: 0 }, head, from: undefined, forks };
    const own = calls.get(threads[id - 1]?.threadId) ?? [];
    const body = own[0]?.parent ?? undefined;
    const place = body && headOf({ trie, children, body }, own, threads[id - 1]?.text ?? "");
    return { body: place && body, head: place, from: body, forks };
  });
  return { trie, lanes, thinking: () => "" };
}

interface Search {
  readonly trie: Trie;
  readonly children: ReadonlyMap<number | undefined, readonly Segment[]>;
  readonly body: Position;
}

/** The place at which a thread's text is whole: after one of its calls, or what the runtime put there. */
function headOf(search: Search, calls: readonly Segment[], text: string): Position | undefined {
  for (const { id, context = 0 } of calls.toReversed()) {
    const found = furtherTo(search, { segment: id, n: context }, text);
    if (found !== undefined) return found;
  }
  return undefined;
}

function furtherTo({ trie, children, body }: Search, from: Position, text: string): Position | undefined {
  const open = [from];
  for (let at = open.pop(); at !== undefined; at = open.pop()) {
    const so = textBetween(trie, body, at);
    if (so === text) return at;
    if (!text.startsWith(so)) continue;
    for (const child of children.get(at.segment) ?? []) {
      if (child.parent?.n !== at.n || child.maker.by === "model") continue;
      open.push({ segment: child.id, n: pieceCount(trie, child) });
    }
  }
  return undefined;
}
