import type { Limit, RunEnding } from "../../core/machine/ending.ts";
import { limitsInWords } from "../../trace/timeline/words.ts";
import { visible } from "../../visible.ts";

const limits: Readonly<Record<Limit, string>> = {
  ...limitsInWords,
  threadTokens: "--max-thread-tokens",
  runTokens: "--max-tokens",
};

/** How something ended, for people: `ended by </Thread>`. One line, fit for a terminal. */
export function describeEnding(ending: RunEnding): string {
  const where = ending.threadId === undefined ? "" : ` of thread ${ending.threadId}`;
  return visible(`${how(ending)}${where}`);
}

function how(ending: RunEnding): string {
  switch (ending.kind) {
    case "marker":
      return `ended by ${ending.marker}`;
    case "eos":
      return "ended by end of sequence";
    case "length":
      return `ended by the limit: ${limits[ending.limit]}`;
    case "filtered":
      return "ended by a filter of the server's";
    case "cut":
      return ending.by === "user" ? "cancelled" : `cut: ${ending.by}`;
    case "refused":
      return `never started: ${limits[ending.limit]}`;
    case "failed":
      return `failed: ${ending.message}`;
  }
}

/** `1 thread`, `2 threads`. */
export function counted(n: number, noun: string): string {
  return `${n} ${noun}${n === 1 ? "" : "s"}`;
}

/** `0.45 s`, `12 s`, `3 min 5 s`. */
export function duration(ms: number): string {
  const seconds = ms / 1000;
  if (seconds < 10) return `${seconds.toFixed(2)} s`;
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  return whole < 3600
    ? `${Math.floor(whole / 60)} min ${whole % 60} s`
    : `${Math.floor(whole / 3600)} h ${Math.floor((whole % 3600) / 60)} min`;
}
