import { tokensOf } from "../trie/piece.ts";
import type { State } from "../machine/state.ts";

/** The words for numbers, see the README; all in tokens. */
export interface TokenCounts {
  /** Of the run's own prompt. */
  prompt: number;
  /** Generated tokens, each once; what was generated behind a cut is `wasted` instead. */
  generated: number;
  /** What the runtime put into a context: headers, closers, joins, copies, prompts of fresh contexts. */
  inserted: number;
  wasted: number;
  /** The longest chain of generated tokens that somebody had to wait for. */
  criticalPath: number;
}

/** Counts a run, finished or not. Runtime pieces that nobody has encoded yet count as one token each. */
export function countTokens(state: State): TokenCounts {
  const counts = { prompt: 0, generated: state.generated, inserted: 0, wasted: 0, criticalPath: criticalPath(state) };
  for (const { id, maker, pieces } of state.trie.segments) {
    if (maker.by === "model") continue;
    const tokens = pieces.reduce((sum, piece) => sum + tokensOf(piece), 0);
    if (id === 0) counts.prompt += tokens;
    else counts.inserted += tokens;
  }
  for (const { wasted } of state.calls) counts.wasted += wasted;
  return counts;
}

/** Decode steps on the way to the end of main: a join waits for its slowest thread, spawns that nobody joined are free. */
export function criticalPath({ sequences, calls }: State): number {
  const main = sequences[0];
  if (main === undefined) return 0;
  const call = main.call === undefined ? undefined : calls[main.call];
  return call === undefined ? main.critical : call.critical + call.tokens;
}

/** The share of the generated tokens that nobody had to wait for: 1 - criticalPath / generated; 0 where nothing was. */
export function accelerationRatio({
  generated,
  criticalPath: longest,
}: Pick<TokenCounts, "generated" | "criticalPath">): number {
  return generated === 0 ? 0 : 1 - longest / generated;
}
