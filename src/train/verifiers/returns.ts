import { textBetween } from "../../core/trie/path.ts";
import {
  columnsOf,
  segmentOf,
  sourcesOf,
  stretches,
  type Position,
  type Segment,
  type Trie,
} from "../../core/trie/trie.ts";
import type { Part } from "../parts.ts";

/**
 * Which threads' texts or results came between a call and the one before it in its thread. A joined text says so itself.
 * A result in other words says only that some threads were waited for: where several are out, it is theirs whose text
 * it holds, or else of all.
 *
 * @param out threads that the calls' thread has started and that have not come back.
 */
export function returnedThreads(
  trie: Trie,
  { segment, threadId }: Pick<Part, "segment" | "threadId">,
  before: Segment | undefined,
  out: readonly string[],
): string[] {
  if (out.length === 0) return [];
  if (segment.parent === null) return [...out];
  const [from, to] = [startOf(trie, segment.parent, before), segment.parent];
  const found = new Set<string>();
  for (const stretch of stretches(trie, to, from)) {
    const { maker } = stretch.segment;
    for (const { segment: source } of sourcesOf(trie, stretch)) {
      const by = source.maker;
      if (by.by === "model" && by.threadId !== threadId && out.includes(by.threadId)) found.add(by.threadId);
    }
    if (maker.by !== "runtime" || maker.why !== "return") continue;
    const text = columnsOf(stretch.segment).text(0, 1);
    const named = out.filter((thread) => text.includes(writtenBy(trie, thread)));
    for (const thread of named.length === 0 ? out : named) found.add(thread);
  }
  // A turn of the program's, or a new prompt, was made of all results.
  if (found.size === 0 && from === undefined) return [...out];
  return out.filter((thread) => found.has(thread));
}

/** The end of the call before, if this one goes on after some of it. */
function startOf(trie: Trie, at: Position, before: Segment | undefined): Position | undefined {
  for (let position: Position | null = at; position !== null; position = segmentOf(trie, position.segment).parent) {
    if (position.segment === before?.id) return position;
  }
  return undefined;
}

function writtenBy(trie: Trie, thread: string): string {
  return trie.segments
    .filter(({ maker }) => maker.by === "model" && maker.threadId === thread)
    .map(({ id, context }) => textBetween(trie, { segment: id, n: 0 }, { segment: id, n: context ?? 0 }))
    .join("");
}
