import type { Dialect } from "../../core/dialects/schema.ts";
import { writtenIn } from "../../core/rehearsal/example.ts";
import type { Measure } from "../steps/lengths.ts";

/** The lengths of a finished text, of what its model writes: headers and closed tags of the runtime do not count. */
export interface TextLengths {
  readonly total: number;
  /** The longest chain: of each block only the longest thread counts. */
  readonly criticalPath: number;
  /** For each block, the lengths of its threads, with the blocks inside them. */
  readonly blocks: readonly (readonly number[])[];
}

/** Measures a well-formed text with the reader of the core, which knows nothing of how it was assembled. */
export function textLengths(dialect: Dialect, text: string, measure: Measure): TextLengths {
  const own = new Map<string, number>();
  let total = 0;
  for (const call of writtenIn(dialect, text).calls) {
    const length = measure(call.text);
    total += length;
    own.set(call.threadId, (own.get(call.threadId) ?? 0) + length);
  }
  const blocks: number[][] = [];
  const longest = (threadId: string): number => {
    const forks = new Map<string, number[]>();
    for (const child of own.keys()) {
      const place = child.startsWith(`${threadId}/`) ? child.slice(threadId.length + 1) : "/";
      if (place.includes("/")) continue;
      const fork = place.split(".")[0] ?? "";
      forks.set(fork, [...(forks.get(fork) ?? []), longest(child)]);
    }
    const waits = [...forks.values()];
    blocks.push(...waits);
    return waits.reduce((sum, threads) => sum + Math.max(...threads), own.get(threadId) ?? 0);
  };
  return { total, criticalPath: longest("0"), blocks };
}
