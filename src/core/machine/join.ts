import { callFunction, fill } from "../dialects/template.ts";
import type { Dialect } from "../dialects/schema.ts";
import { cutAt, lastMarker } from "../trie/locate.ts";
import { textBetween } from "../trie/path.ts";
import { append, copyAfter, segmentOf, type Position, type RuntimeReason, type Trie } from "../trie/trie.ts";
import { isLost, moveTo, sequenceOf, threadsOf, type Fork, type Sequence, type State } from "./state.ts";

type Shape<K> = Extract<Dialect["join"], { shape: K }>;

/** Puts the texts or results of a fork's threads into their parent. `ends`: the parent ends after this join. */
export function joinFork(state: State, fork: Fork, ends: boolean): void {
  const { join } = state.dialect;
  const by = sequenceOf(state, fork.by);
  const threads = threadsOf(state, fork);
  fork.joined = true;
  by.critical = Math.max(by.critical, ...threads.map((thread) => thread.critical));
  const tail = join.shape !== "append" ? "" : ends ? join.endTail : join.tail;
  if (join.shape === "append") appendThreads(state, fork, by, threads, tail);
  if (join.shape === "replaceBlock") replaceBlock(state, join, by, threads);
  // A `turn` was put there by `combineFork`; nothing is where its parent ended before.
  if (join.shape === "fill") insert(state, by, "return", results(state, threads, join.each));
  by.scope = by.head;
  state.outbox.push({ e: "join", fork: fork.id, tail });
}

/** Appends a text of the runtime to a sequence. An empty text makes no segment. */
export function insert(state: State, sequence: Sequence, why: RuntimeReason, text: string): void {
  if (text !== "") moveTo(state, sequence, append(state.trie, sequence.head, { by: "runtime", why }, [{ text }]));
}

/** The header before a thread's text where it is joined. Empty unless threads are joined with their whole text. */
export function spliceHeader({ dialect: { context, join } }: State, { parent, captures }: Sequence): string {
  if (context.kind !== "prefix" || join.shape !== "append") return "";
  return fill(parent?.index === 0 ? context.header.first : context.header.rest, captures);
}

function appendThreads(state: State, fork: Fork, by: Sequence, threads: Sequence[], tail: string): void {
  const { trie, dialect } = state;
  const { context } = dialect;
  if (context.kind !== "prefix") return;
  moveTo(state, by, fork.position);
  for (const [i, thread] of threads.entries()) {
    const header = spliceHeader(state, thread);
    if (i === 0 && header === fill(context.header.prompt, thread.captures)) {
      // The thread's own path becomes the joined path, so an engine has it in its cache.
      moveTo(state, by, thread.head);
      by.source = thread.source ?? by.source;
    } else {
      insert(state, by, "header", header);
      moveTo(state, by, copyAfter(trie, by.head, { from: thread.body, to: thread.head }));
    }
  }
  insert(state, by, "tail", tail);
}

function replaceBlock(state: State, join: Shape<"replaceBlock">, by: Sequence, threads: Sequence[]): void {
  const { trie, vocabulary } = state;
  const opener = lastMarker(trie, by.scope, by.head, join.from, vocabulary.markers[join.from]);
  if (opener !== undefined) moveTo(state, by, cutAt(trie, by.scope, by.head, opener.start));
  if (by.source !== undefined) by.source = { call: by.source.call, shared: generatedUpTo(trie, by.head) };
  insert(state, by, "return", join.open + results(state, threads, join.each) + join.close);
}

/**
 * The last position up to which the model generated the pieces itself: the kept part of a cut piece is not one of them.
 */
function generatedUpTo(trie: Trie, at: Position): Position {
  const { maker, parent } = segmentOf(trie, at.segment);
  return maker.by === "cut" && parent !== null ? parent : at;
}

function results(state: State, threads: Sequence[], each: { some: string; none: string }): string {
  return threads
    .map((thread) => {
      const value = returnOf(state, thread);
      return value === undefined
        ? fill(each.none, thread.captures)
        : fill(each.some, { ...thread.captures, return: value });
    })
    .join("");
}

/** The result of a thread. One that was cut, failed or could not start has none: half a result would look complete. */
function returnOf({ dialect, trie }: State, thread: Sequence): string | undefined {
  const { phase, body, head, captures } = thread;
  if (phase.is !== "over" || isLost(thread)) return undefined;
  const text = textBetween(trie, body, head);
  if (dialect.returns === undefined) return text;
  return callFunction(dialect, dialect.returns.fn, { text, history: "", captures, threads: [] });
}
