import type { State } from "../machine/state.ts";
import { columnsOf, segmentOf, type Segment } from "../trie/trie.ts";
import { tokensBetween } from "../trie/path.ts";
import { chainTo } from "./chain.ts";

/** How many tokens a run used, and for what. */
export interface TokenCounts {
  /** Tokens of the run's own prompt. */
  prompt: number;
  /** Generated tokens, each counted once. Tokens after the ending of a call are `wasted` instead. */
  generated: number;
  /** Tokens that the runtime put into a context: headers, closers, joins, copies, prompts of fresh contexts. */
  inserted: number;
  /** Tokens that were generated after the ending of their call: paid for, but not used. */
  wasted: number;
  /** Tokens of the contexts of all requests together. The engine had to read these, or had them in its cache. */
  sent: number;
  /** Those of `sent` that the engine had in its cache. Undefined if it does not report this for every request. */
  cached: number | undefined;
  /** The longest chain of generated tokens, which determines how long a run takes. */
  criticalPath: number;
  /**
   * Whether some numbers are estimates, because an engine returned no ids and no count, or a text was never encoded.
   */
  estimated: boolean;
}

/**
 * Counts a run's tokens, finished or not. A piece without ids counts as one token, unless the engine counted its call.
 */
export function countTokens(state: State): TokenCounts {
  const { trie, calls } = state;
  const counts: TokenCounts = {
    prompt: 0,
    generated: state.generated,
    inserted: 0,
    wasted: 0,
    sent: 0,
    cached: 0,
    criticalPath: criticalPath(state),
    estimated: false,
  };
  for (const segment of trie.segments) {
    const { id, maker } = segment;
    if (maker.by === "model") countRequests(segment, counts);
    else if (id === 0) counts.prompt += insertedTokens(state, segment, counts);
    else counts.inserted += insertedTokens(state, segment, counts);
  }
  for (const { wasted, counted, segment } of calls) {
    counts.wasted += wasted;
    if (!counted && columnsOf(segmentOf(trie, segment)).withoutIds > 0) counts.estimated = true;
  }
  return counts;
}

function countRequests({ origins }: Segment, counts: TokenCounts): void {
  for (const { promptTokens, cachedTokens } of origins) {
    counts.sent += promptTokens;
    counts.cached =
      cachedTokens === undefined || counts.cached === undefined ? undefined : counts.cached + cachedTokens;
  }
}

function insertedTokens({ trie }: State, { maker, pieces }: Segment, counts: TokenCounts): number {
  if (maker.by === "copy") return tokensBetween(trie, maker.of.from, maker.of.to);
  if (pieces === undefined) return 0;
  if (pieces.withoutIds > 0 && pieces.textLength > 0) counts.estimated = true;
  return pieces.tokens(0, pieces.length);
}

/**
 * Decode steps on the way to the end of main. A join waits for its longest thread; spawns that were not joined cost
 * nothing.
 */
export function criticalPath(state: State): number {
  const main = state.sequences[0];
  return main === undefined ? 0 : chainTo(state, main);
}

/** The share of generated tokens off the critical path: 1 - criticalPath / generated, or 0 if nothing was generated. */
export function accelerationRatio({
  generated,
  criticalPath: longest,
}: Pick<TokenCounts, "generated" | "criticalPath">): number {
  return generated === 0 ? 0 : 1 - longest / generated;
}
