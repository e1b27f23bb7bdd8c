import type { Limit, RunEnding } from "../../core/machine/ending.ts";
import type { Axis, Lane } from "./timeline.ts";

/** What ran out. */
export const limitsInWords: Readonly<Record<Limit, string>> = {
  threadTokens: "tokens of a thread",
  runTokens: "tokens of a run",
  context: "the model's context",
  threads: "threads of a fork",
  forks: "forks of a run",
  depth: "depth of threads",
  calls: "calls of a thread",
  criticalTokens: "tokens on the critical path",
  ms: "time",
  callMs: "time of a call",
  engine: "the engine's own",
  plan: "an unreadable plan",
};

/** How something ended: `ended by </Thread>`. */
export function endingInWords(ending: RunEnding): string {
  const where = ending.threadId === undefined ? "" : ` of thread ${ending.threadId}`;
  return `${how(ending)}${where}`;
}

function how(ending: RunEnding): string {
  switch (ending.kind) {
    case "marker":
      return `ended by ${ending.marker}`;
    case "eos":
      return "ended by itself";
    case "length":
      return `ran out: ${limitsInWords[ending.limit]}`;
    case "filtered":
      return "ended by a filter of the server's";
    case "cut":
      return ending.by === "user" ? "cancelled" : `cut by ${ending.by}`;
    case "refused":
      return `never started: ${limitsInWords[ending.limit]}`;
    case "failed":
      return `failed: ${ending.message}`;
  }
}

/** `main`, or `2 (0/1.2)`: what the plan calls a thread, and its place in the run. */
export function laneInWords({ threadId, name, depth }: Lane): string {
  return depth === 0 ? "main" : `${name} (${threadId})`;
}

/** An amount on an axis: `1.23 s`, `375 steps`. */
export function amountOn(axis: Axis, value: number): string {
  return axis === "ms" ? time(value) : `${grouped(value)} ${value === 1 ? "step" : "steps"}`;
}

/** `12 ms`, `1.23 s`, `75 s`. */
export function time(ms: number): string {
  if (ms < 999.5) return `${ms < 10 ? Math.round(ms * 10) / 10 : Math.round(ms)} ms`;
  return ms < 60_000 ? `${(ms / 1000).toFixed(2)} s` : `${grouped(Math.round(ms / 1000))} s`;
}

/** `12,345`, whatever the reader's language. */
export function grouped(value: number): string {
  return String(value).replaceAll(/\B(?=(\d{3})+$)/g, ",");
}

export function counted(value: number, noun: string): string {
  return `${grouped(value)} ${noun}${value === 1 ? "" : "s"}`;
}

/** `1.52`: how many times as much. */
export function ratio(value: number): string {
  return value.toFixed(2);
}
