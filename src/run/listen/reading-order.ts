import { spliceHeader } from "../../core/machine/join.ts";
import { forkOf, runningCall, sequenceOf, type Fork, type Sequence, type State } from "../../core/machine/state.ts";
import { sequenceText } from "../../core/measures/display.ts";
import { textBetween } from "../../core/trie/path.ts";
import { ThreadweaverError } from "../../errors.ts";
import type { RunEvent } from "../events.ts";
import { Listener } from "./listener.ts";
import type { EventSink } from "./listeners.ts";

/** The text of one sequence, as far as it was not read yet. */
interface Line {
  text: string;
  /** Where a block begins in it that a join may replace; Infinity where none does. */
  block: number;
  /** Whether the model wrote the end of it. */
  isGenerated: boolean;
  /** A join has just put something into it, in which no block begins. */
  isJoining: boolean;
  /** Code units of what a join will put into it that were read already, as texts of its threads. */
  readAhead: number;
  /** The thread, of those that it waits for, that is being read. */
  thread: number;
  /** What stands before its text where it is joined was read. */
  hasHeader: boolean;
}

/**
 * The text of a run in the order in which a person reads it, only what can no longer change: what is read is never taken
 * back. Threads that will be joined as they are can be read while they run, one after the other. What a dialect may
 * replace (a block of calls, all of the text where it renders the threads) waits until that has happened.
 *
 * The state is looked at when something is read, so between two steps.
 */
export class ReadingOrder extends Listener<string> implements EventSink {
  readonly #state: State;
  readonly #lines = new Map<string, Line>();
  #length = 0;
  #whole: string | undefined;

  constructor(state: State) {
    super();
    this.#state = state;
  }

  catchUp(): void {
    for (const sequence of this.#state.sequences) this.#lines.set(sequence.threadId, this.#lineOf(sequence));
    this.wake();
  }

  push(event: RunEvent): void {
    if (event.type === "text") this.#change(event);
    if (event.type === "join") this.#join(this.#line(event.threadId));
    if (event.type === "call-start") this.#line(event.threadId).isJoining = false;
    if (event.type === "run-end") this.#whole = event.result.text;
    this.wake();
  }

  protected take(): string[] {
    const [main] = this.#state.sequences;
    const text = this.#whole?.slice(this.#length) ?? (main === undefined ? "" : this.#read(main));
    this.#length += text.length;
    return text === "" ? [] : [text];
  }

  #change({ threadId, removed, inserted, by }: Extract<RunEvent, { type: "text" }>): void {
    const line = this.#line(threadId);
    const left = line.text.length - removed;
    if (left < 0) {
      const message = `${-left} code units of the text of ${threadId} were changed after they were read`;
      this.close({ error: new ThreadweaverError("internal", message) });
      return;
    }
    const ahead = Math.min(line.readAhead, inserted.length);
    line.readAhead -= ahead;
    line.text = line.text.slice(0, left) + inserted.slice(ahead);
    if (line.block >= left) line.block = Infinity;
    line.isGenerated = by === "model";
    if (!line.isJoining) this.#findBlock(line, left);
  }

  #join(line: Line): void {
    line.block = Infinity;
    line.isJoining = true;
    line.thread = 0;
  }

  /** @param from where the text begins in which it may end. */
  #findBlock(line: Line, from: number): void {
    const { join } = this.#state.dialect;
    if (join.shape !== "replaceBlock" || line.block < Infinity) return;
    const at = line.text.indexOf(join.from, Math.max(0, from - join.from.length));
    if (at >= 0) line.block = at;
  }

  #read(sequence: Sequence): string {
    const line = this.#line(sequence.threadId);
    const end = this.#settled(sequence, line);
    const text = line.text.slice(0, end);
    line.text = line.text.slice(end);
    line.block -= end;
    if (sequence.phase.is !== "waiting" || this.#state.dialect.join.shape !== "append") return text;
    const threads = this.#readThreads(line, forkOf(this.#state, sequence.phase.fork));
    line.readAhead += threads.length;
    return text + threads;
  }

  #readThreads(parent: Line, fork: Fork): string {
    let text = "";
    for (const id of fork.threads.slice(parent.thread)) {
      const thread = sequenceOf(this.#state, id);
      const line = this.#line(thread.threadId);
      if (!line.hasHeader) text += spliceHeader(this.#state, thread);
      line.hasHeader = true;
      text += this.#read(thread);
      if (thread.phase.is !== "over") break;
      parent.thread += 1;
    }
    return text;
  }

  /** How many code units of what was not read yet can no longer change. */
  #settled(sequence: Sequence, { text, block, isGenerated }: Line): number {
    const { dialect } = this.#state;
    if (dialect.join.shape === "display") return 0;
    const call = runningCall(this.#state, sequence);
    if (call === undefined) return sequence.phase.is === "over" ? text.length : Math.min(block, text.length);
    // The beginning of a marker may be taken back with the marker, and one line feed at the end with the end.
    let end = text.length - (call.scanner?.held ?? 0);
    if (dialect.join.shape === "replaceBlock") end = Math.min(end, block, beforePart(text, dialect.join.from));
    if (dialect.dropFinalLineFeed && isGenerated && end === text.length && text.endsWith("\n")) end -= 1;
    return Math.max(0, end);
  }

  #line(threadId: string): Line {
    let line = this.#lines.get(threadId);
    if (line === undefined) {
      line = emptyLine();
      this.#lines.set(threadId, line);
    }
    return line;
  }

  #lineOf(sequence: Sequence): Line {
    const line = { ...emptyLine(), text: sequenceText(this.#state, sequence) };
    this.#findBlock(line, textBetween(this.#state.trie, sequence.body, sequence.scope).length);
    return line;
  }
}

function emptyLine(): Line {
  return {
    text: "",
    isGenerated: true,
    block: Infinity,
    isJoining: false,
    readAhead: 0,
    thread: 0,
    hasHeader: false,
  };
}

/** Where the longest beginning of `marker` that ends the text begins; the length of the text where there is none. */
function beforePart(text: string, marker: string): number {
  let n = marker.length - 1;
  while (!text.endsWith(marker.slice(0, n))) n -= 1;
  return text.length - n;
}
