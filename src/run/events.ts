import type { RunEnding } from "../core/machine/ending.ts";
import type { RunResult, RunWarning } from "./result.ts";

/** What happens in a run, in order. All JSON. `at`: milliseconds since the run began, by the injected clock. */
export type RunEvent = { at: number } & (
  | { type: "run-start"; dialect: string; mode: RunMode; model: string; promptTokens: number }
  /** For a listener that comes late: how far everything is. Comes first, instead of what was missed. */
  | { type: "catch-up"; text: string; threads: ThreadSnapshot[] }
  /** Text of one sequence: `0` is main, any other id a thread. A slow listener gets longer deltas, never fewer. */
  | { type: "delta"; id: string; text: string; tokens: number }
  | { type: "fork"; id: string; parent: string; threads: number }
  | ({ type: "thread-start" } & ThreadPlace)
  | { type: "thread-end"; id: string; ending: RunEnding; tokens: number; ms: number }
  /**
   * The threads of a fork are joined: from the parent's text the last `removed` code units go (0 but for dialects that
   * rewrite a block), and `inserted` comes. Deltas and joins applied in order give the parent's text.
   */
  | { type: "join"; id: string; parent: string; removed: number; inserted: string }
  | ({ type: "warning" } & RunWarning)
  | { type: "run-end"; result: RunResult }
);

export type RunMode = "fork-join" | "sequential";

export interface ThreadPlace {
  id: string;
  fork: string;
  parent: string;
  name: string;
  index: number;
  depth: number;
}

export interface ThreadSnapshot extends ThreadPlace {
  text: string;
  tokens: number;
  ending?: RunEnding;
}
