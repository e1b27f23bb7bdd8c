import type { RunMode } from "../run/events.ts";
import type { RunResult } from "../run/result.ts";
import { whatThereIs } from "./cancelled.ts";

/** The same prompt in both modes. */
export interface Comparison {
  readonly forkJoin: RunResult;
  readonly sequential: RunResult;
  /** How many times shorter the wait was with fork-join than without: in tokens, and in milliseconds. */
  readonly speedUp: { readonly tokens: number; readonly wall: number };
  /** Both modes gave the same text. */
  readonly equal: boolean;
}

/** What is there of a comparison that was cancelled. */
interface PartialComparison {
  readonly forkJoin: RunResult;
  readonly sequential?: RunResult;
}

export type Outcome = RunResult | Comparison | PartialComparison;

/** A run in the mode that was asked for. One that the signal cancels gives what it has made, if it has made anything. */
export async function runInMode(
  mode: RunMode | "compare",
  signal: AbortSignal,
  once: (mode: RunMode) => Promise<RunResult>,
): Promise<Outcome> {
  if (mode !== "compare") return once(mode).catch(whatThereIs);
  // One after the other: side by side they would take each other's time.
  const forkJoin = await once("fork-join").catch(whatThereIs);
  if (signal.aborted) return { forkJoin };
  const sequential = await once("sequential").catch(whatThereIs);
  return signal.aborted ? { forkJoin, sequential } : compare(forkJoin, sequential);
}

export function compare(forkJoin: RunResult, sequential: RunResult): Comparison {
  return {
    forkJoin,
    sequential,
    speedUp: {
      tokens: sequential.tokens.criticalPath / forkJoin.tokens.criticalPath,
      wall: sequential.wallMs / forkJoin.wallMs,
    },
    equal: forkJoin.text === sequential.text,
  };
}
