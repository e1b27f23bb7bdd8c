import { callOf, sequenceOf, type Sequence, type State } from "../../../core/machine/state.ts";
import type { Complete } from "../request.ts";

/** What is known of a call that waits for a slot. */
export interface Claim {
  /**
   * Whether it goes on with what was generated before: after a join, in a tail, or from its last token where a run is
   * resumed. Otherwise it begins a run or a thread.
   */
  readonly goesOn: boolean;
  /** How deeply its thread is nested: so many sequences wait for it. Main: 0. */
  readonly depth: number;
  /** Tokens that it may write at most. Infinity: as many as fit into the context. */
  readonly mayWrite: number;
}

/** What the machine knows of a call. */
export function claimOf(state: State, { call: id, callIndex, maxTokens = Infinity }: Complete): Claim {
  const call = callOf(state, id);
  const sequence = sequenceOf(state, call.sequence);
  // Main may have threads before its first call.
  const isAfterJoin = sequence.forks.length > 0 || isOfLaterRound(state, sequence);
  return {
    goesOn: callIndex > 0 || isAfterJoin || call.tokens > 0,
    depth: sequence.depth,
    mayWrite: maxTokens - call.tokens,
  };
}

/** Where main writes nothing, its threads go on with the results of those of the round before. */
function isOfLaterRound(state: State, { parent }: Sequence): boolean {
  if (parent === undefined || state.dialect.plan.source !== "rounds") return false;
  return sequenceOf(state, parent.sequence).forks[0] !== parent.fork;
}

/**
 * Whether the longest path that is left to a run leads through one of its calls rather than through the other; undefined
 * where that is not known. How long a call will be cannot be known. What can be: each sequence around a nested thread has
 * to go on after it, and a call with a higher limit may take longer.
 */
export function isLonger(a: Claim, b: Claim): boolean | undefined {
  if (a.depth !== b.depth) return a.depth > b.depth;
  return a.mayWrite === b.mayWrite ? undefined : a.mayWrite > b.mayWrite;
}
