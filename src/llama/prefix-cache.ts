/** The state of a sequence, from which one is chosen. Read at the start of a turn, when nothing is being evaluated. */
export interface SequenceState {
  /** The ids whose keys and values the sequence holds. */
  readonly tokens: readonly number[];
  readonly busy: boolean;
  /** When it was last used, as a count. */
  readonly lastUsed: number;
  /** The whole prompt of the call that runs here, while parts of it are not evaluated yet. */
  readonly upcoming?: readonly number[] | undefined;
}

export type Placement =
  /** Run on `target` (an index), after `keep` tokens: its own, or those of `source` (an index), copied. */
  | { type: "place"; target: number; keep: number; source?: number | undefined }
  /** A running call is about to evaluate the same prefix: wait for it. */
  | { type: "wait" };

/** Fewer tokens than these are cheaper to evaluate again than to copy, since a copy takes a whole sequence's memory. */
export const worthCopying = 16;

/**
 * Chooses the sequence for a prompt so that no long prefix is evaluated twice. One sequence must not be busy.
 *
 * The longest common prefix wins. It is reused in place if nothing worth keeping has to be erased for that, and else
 * copied to an idle sequence. An empty one is preferred, and then one of the half that was not used for longest. Of
 * these, one near the other running sequences is preferred, since llama.cpp puts only neighbouring sequences into one
 * pass over the weights.
 */
export function placePrompt(prompt: readonly number[], sequences: readonly SequenceState[]): Placement {
  const reusable = sequences.map(({ tokens }) => reusablePrefix(tokens, prompt));
  const best = indexOfBest(sequences, reusable);
  const keep = reusable[best] ?? 0;
  if (sequences.some(({ upcoming = [] }) => reusablePrefix(upcoming, prompt) >= keep + worthCopying)) {
    return { type: "wait" };
  }
  const source = sequences[best];
  const reuseInPlace = source?.busy === false && keep > 0 && source.tokens.length < keep + worthCopying;
  const target = reuseInPlace ? best : leastUseful(sequences, best);
  const own = reusable[target] ?? 0;
  return own + worthCopying > keep
    ? { type: "place", target, keep: own }
    : { type: "place", target, keep, source: best };
}

/** How many tokens of `prompt` need no evaluation. The last one always does, for its logits. */
function reusablePrefix(tokens: readonly number[], prompt: readonly number[]): number {
  const limit = Math.min(tokens.length, prompt.length - 1);
  let length = 0;
  while (length < limit && tokens[length] === prompt[length]) length++;
  return length;
}

/**
 * The sequence with the longest reusable prefix. Of equal ones an idle one, and of those the one with the fewest
 * further tokens.
 */
function indexOfBest(sequences: readonly SequenceState[], reusable: readonly number[]): number {
  const rank = sequences.map(({ busy, tokens }, index) => [reusable[index] ?? 0, busy ? 0 : 1, -tokens.length]);
  return rank.reduce((best, candidate, index) => (compare(candidate, rank[best] ?? []) > 0 ? index : best), 0);
}

function compare(a: readonly number[], b: readonly number[]): number {
  const differing = a.findIndex((value, index) => value !== b[index]);
  return differing === -1 ? 0 : (a[differing] ?? 0) - (b[differing] ?? 0);
}

function leastUseful(sequences: readonly SequenceState[], near: number): number {
  const running = sequences.flatMap(({ busy }, index) => (busy || index === near ? [index] : []));
  const distance = (index: number): number => Math.min(...running.map((other) => Math.abs(other - index)));
  const idle = sequences
    .map(({ tokens, busy, lastUsed }, index) => ({ index, busy, empty: tokens.length === 0, lastUsed }))
    .filter(({ busy }) => !busy)
    .toSorted((a, b) => a.lastUsed - b.lastUsed);
  const empty = idle.filter((sequence) => sequence.empty);
  const candidates = empty.length > 0 ? empty : idle.slice(0, Math.ceil(idle.length / 2));
  return candidates.toSorted((a, b) => distance(a.index) - distance(b.index) || a.index - b.index)[0]?.index ?? 0;
}
