import type { Dialect, View } from "../dialects/schema.ts";
import { aroundLast, cutAt, textBetween } from "../trie/locate.ts";
import { sequenceOf, threadsOf, type Fork, type Sequence, type State } from "./state.ts";
import { fill } from "../dialects/template.ts";
import { append, copyBehind, path, segmentOf, type Position, type RuntimeReason, type Trie } from "../trie/trie.ts";

type Shape<K> = Extract<Dialect["join"], { shape: K }>;

/** Puts what the threads of a fork wrote into their parent. `ends`: nothing more will be generated behind it. */
export function joinFork(state: State, fork: Fork, ends: boolean): void {
  const { join } = state.dialect;
  const by = sequenceOf(state, fork.by);
  const threads = threadsOf(state, fork);
  fork.joined = true;
  by.waiting = undefined;
  by.critical = Math.max(by.critical, ...threads.map((thread) => thread.critical));
  if (join.shape === "append") by.head = appendThreads(state, fork, by, threads, ends ? join.endTail : join.tail);
  if (join.shape === "replaceBlock") by.head = replaceBlock(state, join, by, threads);
  if (join.shape === "fill") by.head = insert(state, by.head, "return", results(state, threads, join.each));
  by.scope = by.head;
  state.outbox.push({ e: "join", fork: fork.id });
}

/** Hangs a text of the runtime behind `at`; an empty one leaves no segment. */
export function insert(state: State, at: Position, why: RuntimeReason, text: string): Position {
  return text === "" ? at : append(state.trie, at, { by: "runtime", why }, [{ text }]);
}

function appendThreads(state: State, fork: Fork, by: Sequence, threads: Sequence[], tail: string): Position {
  const { trie, dialect } = state;
  const { context } = dialect;
  let at = fork.at;
  if (context.kind !== "prefix") return at;
  for (const [i, thread] of threads.entries()) {
    const header = fill(i === 0 ? context.header.first : context.header.rest, thread.captures);
    if (i === 0 && header === fill(context.header.prompt, thread.captures)) {
      // Its own path is the joined one: an engine has it in its cache.
      at = thread.head;
      by.source = thread.source ?? by.source;
    } else {
      at = copyBehind(trie, insert(state, at, "header", header), { from: thread.body, to: thread.head });
    }
  }
  return insert(state, at, "tail", tail);
}

function replaceBlock(state: State, join: Shape<"replaceBlock">, by: Sequence, threads: Sequence[]): Position {
  const { trie, vocabulary } = state;
  const block = aroundLast(path(trie, by.head, by.scope), join.from, vocabulary.markers[join.from]);
  const at = block === undefined ? by.head : cutAt(trie, by.scope, by.head, block.before.length);
  if (by.source !== undefined) by.source = { call: by.source.call, shared: generatedUpTo(trie, at) };
  return insert(state, at, "return", join.open + results(state, threads, join.each) + join.close);
}

/** A place that a model has seen: a piece that was cut is not one. */
function generatedUpTo(trie: Trie, at: Position): Position {
  const { maker, parent } = segmentOf(trie, at.segment);
  return maker.by === "runtime" && maker.why === "cutPiece" && parent !== null ? parent : at;
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

/** A thread that somebody cut, or that could not be run, has no result: half of one would look like a whole. */
function returnOf({ dialect, trie }: State, { ending, body, head, captures }: Sequence): string | undefined {
  if (ending === undefined || ending.kind === "cut" || ending.kind === "failed" || ending.kind === "refused")
    return undefined;
  const view: View = { text: textBetween(trie, body, head), history: "", captures, threads: [] };
  return dialect.returns === undefined ? view.text : dialect.functions?.[dialect.returns.fn]?.(view);
}
