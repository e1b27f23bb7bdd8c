import {
  callOf,
  forkOf,
  sequenceOf,
  threadsOf,
  type Effect,
  type Sequence,
  type State,
} from "../core/machine/state.ts";
import { currentHead } from "../core/measures/display.ts";
import { lengthOf, path, segmentOf, textOf, type Position } from "../core/trie/trie.ts";
import type { EventChannel } from "./channel.ts";
import type { ThreadPlace, ThreadSnapshot } from "./events.ts";
import type { ThreadClock } from "./thread-clock.ts";

/**
 * Tells a listener what happens. The text of a sequence is what lies between what was told and where it stands now, so
 * deltas and what joins insert always add up to its text, whatever was cut, closed or rewritten on the way.
 */
export class Narrator {
  readonly #state: State;
  readonly #channel: EventChannel;
  readonly #clock: ThreadClock;
  readonly #shown: (Position | undefined)[] = [];

  constructor(state: State, channel: EventChannel, clock: ThreadClock) {
    this.#state = state;
    this.#channel = channel;
    this.#clock = clock;
  }

  /** New text of the sequence that a call belongs to. */
  delta(call: number): void {
    this.#show(sequenceOf(this.#state, callOf(this.#state, call).sequence));
  }

  effect(effect: Effect): void {
    if (effect.e === "fork") this.#fork(effect.fork);
    if (effect.e === "thread-end") this.#threadEnd(sequenceOf(this.#state, effect.sequence));
    if (effect.e === "join") this.#join(effect.fork);
  }

  /** For a listener who comes late: everything up to now, told as one event. */
  catchUp(): void {
    const [main, ...threads] = this.#state.sequences;
    if (main === undefined) return; // nothing has happened yet
    const text = this.#take(main).text;
    const snapshots = threads.map((thread): ThreadSnapshot => {
      const { ending } = thread;
      const told = { ...placeOf(this.#state, thread), text: this.#take(thread).text, tokens: thread.tokens };
      return ending === undefined ? told : { ...told, ending };
    });
    this.#channel.push({ type: "catch-up", at: this.#clock.at, text, threads: snapshots });
  }

  #show(sequence: Sequence): void {
    const { text, tokens } = this.#take(sequence);
    if (tokens === 0) return;
    this.#channel.push({ type: "delta", at: this.#clock.at, id: sequence.threadId, text, tokens });
  }

  /** What the sequence has behind what was told of it; it is told now. */
  #take(sequence: Sequence): { text: string; tokens: number } {
    const end = currentHead(this.#state, sequence);
    const from = this.#kept(this.#shown[sequence.id] ?? sequence.body);
    this.#shown[sequence.id] = end;
    if (from.segment === end.segment && from.n === end.n) return { text: "", tokens: 0 };
    const pieces = path(this.#state.trie, end, from);
    return { text: textOf(pieces), tokens: lengthOf(this.#state.trie, end, from) };
  }

  /** What was told and is not kept was an end of sequence that nobody knew for one: it had no text. */
  #kept(at: Position): Position {
    const { kept = Infinity } = segmentOf(this.#state.trie, at.segment);
    return at.n > kept ? { segment: at.segment, n: kept } : at;
  }

  #fork(id: number): void {
    const fork = forkOf(this.#state, id);
    const by = sequenceOf(this.#state, fork.by);
    const { at } = this.#clock;
    this.#channel.push({ type: "fork", at, id: fork.forkId, parent: by.threadId, threads: fork.threads.length });
    for (const thread of threadsOf(this.#state, fork)) {
      this.#channel.push({ type: "thread-start", at, ...placeOf(this.#state, thread) });
    }
  }

  #threadEnd(thread: Sequence): void {
    this.#show(thread);
    const { ending, threadId, tokens } = thread;
    if (ending === undefined) return;
    const ms = this.#clock.msOf(thread.id);
    this.#channel.push({ type: "thread-end", at: this.#clock.at, id: threadId, ending, tokens, ms });
  }

  #join(id: number): void {
    const fork = forkOf(this.#state, id);
    const by = sequenceOf(this.#state, fork.by);
    const before = textOf(path(this.#state.trie, this.#kept(this.#shown[by.id] ?? by.body), by.body));
    const after = textOf(path(this.#state.trie, by.head, by.body));
    const common = commonLength(before, after);
    this.#shown[by.id] = by.head;
    this.#channel.push({
      type: "join",
      at: this.#clock.at,
      id: fork.forkId,
      parent: by.threadId,
      removed: before.length - common,
      inserted: after.slice(common),
    });
  }
}

export function placeOf(state: State, sequence: Sequence): ThreadPlace {
  const { threadId, name, depth, parent } = sequence;
  const fork = parent === undefined ? undefined : forkOf(state, parent.fork);
  return {
    id: threadId,
    fork: fork?.forkId ?? "",
    parent: fork === undefined ? "" : sequenceOf(state, fork.by).threadId,
    name,
    index: (parent?.index ?? 0) + 1,
    depth,
  };
}

function commonLength(a: string, b: string): number {
  const most = Math.min(a.length, b.length);
  let n = 0;
  while (n < most && a.charCodeAt(n) === b.charCodeAt(n)) n += 1;
  return n;
}
