import type { Dialect } from "../core/dialects/schema.ts";
import type { RunMode } from "../run/events.ts";
import type { RunResult } from "../run/result.ts";
import { whatThereIs } from "./cancelled.ts";

/** The same prompt in each mode. */
export interface Comparison {
  readonly forkJoin: RunResult;
  /** The same format without forks, where that is not `sequential`. */
  readonly onePass?: RunResult;
  readonly sequential: RunResult;
  /** How many times shorter the wait was with fork-join than without: in tokens, and in milliseconds. */
  readonly speedUp: { readonly tokens: number; readonly wall: number };
  /** `forkJoin` and `sequential` gave the same text. */
  readonly equal: boolean;
}

/** What is there of a comparison that was cancelled. */
interface PartialComparison {
  readonly forkJoin: RunResult;
  readonly onePass?: RunResult;
  readonly sequential?: RunResult;
}

export type Outcome = RunResult | Comparison | PartialComparison;

/** The modes that a comparison is made of. A dialect that tells the model about its format has two baselines. */
export function armsOf({ instructions }: Dialect): readonly RunMode[] {
  return instructions === undefined ? ["fork-join", "sequential"] : ["fork-join", "one-pass", "sequential"];
}

/** A run in the mode that was asked for. One that the signal cancels gives what it has made, if it has made anything. */
export async function runInMode(
  mode: RunMode | "compare",
  dialect: Dialect,
  signal: AbortSignal,
  once: (mode: RunMode) => Promise<RunResult>,
): Promise<Outcome> {
  if (mode !== "compare") return once(mode).catch(whatThereIs);
  // One after the other: side by side they would take each other's time.
  const forkJoin = await once("fork-join").catch(whatThereIs);
  if (signal.aborted) return { forkJoin };
  const onePass = armsOf(dialect).includes("one-pass") ? await once("one-pass").catch(whatThereIs) : undefined;
  const there = { forkJoin, ...(onePass && { onePass }) };
  if (signal.aborted) return there;
  const sequential = await once("sequential").catch(whatThereIs);
  return signal.aborted ? { ...there, sequential } : compare({ ...there, sequential });
}

export function compare({
  forkJoin,
  onePass,
  sequential,
}: Pick<Comparison, "forkJoin" | "onePass" | "sequential">): Comparison {
  return {
    forkJoin,
    ...(onePass && { onePass }),
    sequential,
    speedUp: {
      tokens: sequential.tokens.criticalPath / forkJoin.tokens.criticalPath,
      wall: sequential.wallMs / forkJoin.wallMs,
    },
    equal: forkJoin.text === sequential.text,
  };
}
