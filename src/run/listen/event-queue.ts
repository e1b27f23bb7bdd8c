import type { RunEvent } from "../events.ts";
import { Listener } from "./listener.ts";
import type { EventSink } from "./listeners.ts";
import type { Reporter } from "./reporter.ts";

type TextEvent = Extract<RunEvent, { type: "text" }>;
type GrowingEvent = Extract<RunEvent, { type: "text" | "reasoning" }>;

/**
 * The events that one listener has not read yet. Texts of one sequence that wait are made one, and so is its thinking.
 * So what waits is bounded by the number of threads, forks and calls.
 */
export class EventQueue extends Listener<RunEvent> implements EventSink {
  #waiting: RunEvent[] = [];
  /** The waiting text of each sequence that may still grow: nothing else about that sequence waits after it. */
  readonly #growing = new Map<string, GrowingEvent>();

  get length(): number {
    return this.#waiting.length;
  }

  catchUp(reporter: Reporter): void {
    this.push(reporter.catchUp());
  }

  push(event: RunEvent): void {
    if (event.type === "text" || event.type === "reasoning") this.#pushGrowing(event);
    else {
      if ("threadId" in event) this.#growing.delete(event.threadId);
      this.#waiting.push(event);
    }
    this.wake();
  }

  /** What is being read grows no more. */
  protected take(): RunEvent[] {
    const waiting = this.#waiting;
    this.#waiting = [];
    this.#growing.clear();
    return waiting;
  }

  #pushGrowing(event: GrowingEvent): void {
    const waiting = this.#growing.get(event.threadId);
    if (waiting !== undefined && hasGrown(waiting, event)) return;
    // Other listeners read the same event: what may grow is this queue's own.
    const own = { ...event };
    this.#growing.set(event.threadId, own);
    this.#waiting.push(own);
  }
}

/** Makes two events one, where the second goes on from the first. Returns whether it did. */
function hasGrown(first: GrowingEvent, next: GrowingEvent): boolean {
  if (first.type === "text" && next.type === "text" && first.by === next.by) {
    merge(first, next);
    return true;
  }
  if (first.type !== "reasoning" || next.type !== "reasoning" || first.call !== next.call) return false;
  first.text += next.text;
  return true;
}

/** Makes two changes of one text one. */
function merge(first: TextEvent, { removed, inserted, tokens }: TextEvent): void {
  const { length } = first.inserted;
  // Most changes take nothing back, and then the text need not be cut.
  first.inserted =
    removed === 0 ? first.inserted + inserted : first.inserted.slice(0, Math.max(0, length - removed)) + inserted;
  first.removed += Math.max(0, removed - length);
  // Its time stays that of the first change, so that what waits stays in the order of time.
  first.tokens = tokens;
}
