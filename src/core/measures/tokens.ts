import { runningCall, type State } from "../machine/state.ts";
import { columnsOf, segmentOf, type Segment } from "../trie/trie.ts";
import { tokensBetween } from "../trie/path.ts";

/** The words for numbers, see the README; all in tokens. */
export interface TokenCounts {
  /** Of the run's own prompt. */
  prompt: number;
  /** Generated tokens, each once; what was generated after a cut is `wasted` instead. */
  generated: number;
  /** What the runtime put into a context: headers, closers, joins, copies, prompts of fresh contexts. */
  inserted: number;
  wasted: number;
  /** The contexts of all requests together: what the engine had to read, or had in its cache. */
  sent: number;
  /** Of these, what the engine had in its cache; undefined where it does not report that for every request. */
  cached: number | undefined;
  /** The longest chain of generated tokens: what had to be waited for. */
  criticalPath: number;
  /** Some of these numbers are estimates: an engine returned no ids and no count, or a text was never encoded. */
  estimated: boolean;
}

/** Counts a run, finished or not. A piece whose ids are not known counts as one token, unless the engine counted its call. */
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

/** Decode steps on the way to the end of main: a join waits for its slowest thread, spawns that were not joined are free. */
export function criticalPath(state: State): number {
  const main = state.sequences[0];
  if (main === undefined) return 0;
  const call = runningCall(state, main);
  return call === undefined ? main.critical : call.critical + call.tokens;
}

/** The share of the generated tokens that did not have to be waited for: 1 - criticalPath / generated; 0 without any. */
export function accelerationRatio({
  generated,
  criticalPath: longest,
}: Pick<TokenCounts, "generated" | "criticalPath">): number {
  return generated === 0 ? 0 : 1 - longest / generated;
}
