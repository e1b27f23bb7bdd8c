import { laneOf, type Timeline } from "../trace/timeline/timeline.ts";
import { parentOf } from "./rows.ts";

/** What a key does in the tree of lanes. */
type Move =
  | { readonly lane: number }
  | { readonly open: boolean }
  /** 0: all of it. */
  | { readonly zoom: number }
  | { readonly choose: true };

interface Tree {
  readonly timeline: Timeline;
  /** The lanes that are shown. */
  readonly rows: readonly number[];
  readonly closed: ReadonlySet<number>;
}

/** As trees do: up and down by rows, right opens or goes in, left closes or goes out. Undefined: nothing. */
export function moveFrom(key: string, lane: number, { timeline, rows, closed }: Tree): Move | undefined {
  const row = rows.indexOf(lane);
  const hasThreads = laneOf(timeline, lane).forks.length > 0;
  const to = (index: number): Move | undefined => {
    const next = rows[Math.max(0, Math.min(rows.length - 1, index))];
    return next === undefined ? undefined : { lane: next };
  };
  switch (key) {
    case "ArrowDown":
      return to(row + 1);
    case "ArrowUp":
      return to(row - 1);
    case "PageDown":
      return to(row + 10);
    case "PageUp":
      return to(row - 10);
    case "Home":
      return to(0);
    case "End":
      return to(rows.length - 1);
    case "ArrowRight":
      if (!hasThreads) return undefined;
      return closed.has(lane) ? { open: true } : to(row + 1);
    case "ArrowLeft": {
      if (hasThreads && !closed.has(lane)) return { open: false };
      const parent = parentOf(timeline, lane);
      return parent === undefined ? undefined : { lane: parent };
    }
    case "Enter":
    case " ":
      return { choose: true };
    case "+":
    case "=":
      return { zoom: 2 };
    case "-":
      return { zoom: 0.5 };
    case "0":
      return { zoom: 0 };
    default:
      return undefined;
  }
}
