import { phasesOf, writtenOn } from "../trace/timeline/phases.ts";
import {
  forkMarkOf,
  laneOf,
  type Axis,
  type CallSpan,
  type PathPart,
  type Timeline,
} from "../trace/timeline/timeline.ts";
import { amountOn, grouped } from "../trace/timeline/words.ts";

/** A part of a lane's bar, in pixels. */
export interface Shape {
  readonly kind:
    | "idle"
    | "after"
    | "queue"
    | "prefill"
    | "cached"
    | "write"
    | "path"
    | "retry"
    | "cut"
    | "fork"
    | "join";
  readonly x: number;
  readonly width: number;
  readonly title: string;
}

/** An upright line through a row: from a fork to its threads, or from them to their join. */
export interface Connector {
  readonly kind: "fork" | "join";
  readonly x: number;
  /** Which half of the row it goes through. */
  readonly part: "top" | "bottom" | "both";
  /** Whether the critical path goes along here. */
  readonly lit: boolean;
}

export interface Drawing {
  readonly timeline: Timeline;
  readonly axis: Axis;
  /** Where a value stands, in pixels. */
  readonly at: (value: number) => number;
  readonly width: number;
  /** What the critical path has of each lane. */
  readonly path: ReadonlyMap<number, readonly PathPart[]>;
}

/** Marks are so wide, in pixels. */
const mark = 2;

/** What a lane did, as shapes from the back to the front. What would lie on one pixel is one shape. */
export function shapesOf(drawing: Drawing, index: number): Shape[] {
  const { timeline, axis, path } = drawing;
  const lane = laneOf(timeline, index);
  const shapes = new Shapes(drawing);
  const fork = lane.fork === undefined ? undefined : forkMarkOf(timeline, lane.fork);
  shapes.add("idle", lane.from[axis], lane.to[axis], "waits");
  if (fork?.join !== undefined)
    shapes.add("after", lane.to[axis], fork.join[axis], "is over, and waits for its siblings");
  for (const call of lane.calls) addCall(shapes, call, axis);
  for (const part of path.get(index) ?? []) {
    const call = part.call === undefined ? undefined : lane.calls[part.call];
    if (call === undefined) continue;
    for (const { from, to } of writtenOn(axis, part, call)) {
      shapes.add("path", from, to, `critical path: ${writes(call)}`);
    }
  }
  for (const id of lane.forks) {
    const { at: place, join, forkId, threads } = forkMarkOf(timeline, id);
    shapes.mark("fork", place[axis], `fork ${forkId}: ${grouped(threads.length)} threads`);
    if (join !== undefined) shapes.mark("join", join[axis], `join of ${forkId}`);
  }
  if (axis === "ms") {
    for (const { attempts } of lane.calls) {
      for (const { broke } of attempts) {
        if (broke !== undefined) shapes.mark("retry", broke.at, `broke off: ${broke.code}: ${broke.message}`);
      }
    }
  }
  if (lane.ending.kind === "cut") shapes.mark("cut", lane.to[axis], `cut by ${lane.ending.by}`);
  return shapes.all;
}

function addCall(shapes: Shapes, call: CallSpan, axis: Axis): void {
  const { attempts, before, tokens } = call;
  if (axis === "tokens") {
    shapes.add("write", before, before + tokens, writes(call));
    return;
  }
  for (const { is, from, to, attempt } of phasesOf(call)) {
    if (is === "slot") shapes.add("queue", from, to, `waits for a slot: ${amountOn("ms", to - from)}`);
    else if (is === "pause") shapes.add("queue", from, to, `waits before it tries again: ${amountOn("ms", to - from)}`);
    else if (is === "writes") shapes.add("write", from, to, writes(call));
    else {
      const { promptTokens = 0, cachedTokens = 0 } = attempts[attempt] ?? {};
      const read = `${grouped(promptTokens)} prompt tokens, ${grouped(cachedTokens)} of them cached`;
      shapes.add("prefill", from, to, `waits for its first token: ${read}`);
      if (cachedTokens > 0) shapes.add("cached", from, from + (cachedTokens / promptTokens) * (to - from), read);
    }
  }
}

function writes({ call, tokens, role, wasted }: CallSpan): string {
  const waste = wasted === 0 ? "" : `, ${grouped(wasted)} wasted`;
  return `call ${call} (${role}): ${grouped(tokens)} tokens${waste}`;
}

/** Leaves out what is not in the picture, and what no pixel is left for. */
class Shapes {
  readonly all: Shape[] = [];
  readonly #drawing: Drawing;
  /** Up to which pixel there is a shape of a kind. */
  readonly #until = new Map<Shape["kind"], number>();

  constructor(drawing: Drawing) {
    this.#drawing = drawing;
  }

  add(kind: Shape["kind"], from: number, to: number, title: string): void {
    if (to <= from) return;
    const { at, width } = this.#drawing;
    const [left, right] = [Math.max(-1, at(from)), Math.min(width + 1, at(to))];
    if (right < 0 || left > width || right - (this.#until.get(kind) ?? -Infinity) < 0.5) return;
    this.#until.set(kind, right);
    this.all.push({ kind, x: left, width: Math.max(0.5, right - left), title });
  }

  mark(kind: Shape["kind"], place: number, title: string): void {
    const { at, width } = this.#drawing;
    const x = at(place);
    if (x < -mark || x > width + mark || x - (this.#until.get(kind) ?? -Infinity) < 1) return;
    this.#until.set(kind, x);
    // At the right edge it would be cut off.
    this.all.push({ kind, x: Math.min(x, width - mark), width: mark, title });
  }
}

/** The lines between a lane, its parent and its threads. */
export function connectorsOf({ timeline, axis, at, path }: Drawing, index: number, isOpen: boolean): Connector[] {
  const connectors: Connector[] = [];
  const add = (fork: number, part: Connector["part"], reached: (thread: number) => boolean): void => {
    const { at: begin, join, threads, last } = forkMarkOf(timeline, fork);
    const isLit = (thread: number): boolean => path.has(thread) && reached(thread);
    connectors.push({ kind: "fork", x: at(begin[axis]), part, lit: threads.some(isLit) });
    if (join !== undefined) connectors.push({ kind: "join", x: at(join[axis]), part, lit: isLit(last[axis]) });
  };
  if (isOpen) for (const fork of laneOf(timeline, index).forks) add(fork, "bottom", () => true);
  for (let lane = index, fork = laneOf(timeline, index).fork; fork !== undefined;) {
    const { threads, lane: by } = forkMarkOf(timeline, fork);
    const isLast = threads.at(-1) === lane;
    if (!isLast) add(fork, "both", (thread) => thread > lane);
    if (lane === index) add(fork, "top", (thread) => thread >= lane);
    [lane, fork] = [by, laneOf(timeline, by).fork];
  }
  return connectors;
}
