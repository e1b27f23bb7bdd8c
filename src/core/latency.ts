import { tokensOf } from "./piece.ts";
import type { State } from "./state.ts";

/** The words for numbers, see the README; all in tokens. */
export interface TokenCounts {
  /** Of the run's own prompt. */
  prompt: number;
  /** Generated tokens, each once; what was generated behind a cut is `surplus` instead. */
  generated: number;
  /** What the runtime put into a context: headers, closers, joins, copies, prompts of fresh contexts. */
  inserted: number;
  surplus: number;
  /** The longest chain of generated tokens that somebody had to wait for. */
  criticalPath: number;
}

/** Counts a run, finished or not. Runtime pieces that nobody has encoded yet count as one token each. */
export function countTokens(state: State): TokenCounts {
  const counts = { prompt: 0, generated: state.generated, inserted: 0, surplus: 0, criticalPath: criticalPath(state) };
  for (const { id, maker, pieces } of state.trie.segments) {
    if (maker.by === "model") continue;
    const tokens = pieces.reduce((sum, piece) => sum + tokensOf(piece), 0);
    if (id === 0) counts.prompt += tokens;
    else counts.inserted += tokens;
  }
  for (const { surplus } of state.calls) counts.surplus += surplus;
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

/** The ids of the tags that the authors' statistics look at. */
export interface BlockTags {
  parallelOpen: number;
  parallelClose: number;
  threadOpen: number;
  threadClose: number;
}

/**
 * The ThreadWeaver authors' own acceleration ratio (their reward's statistics), over the ids of a finished text: inside
 * a block only the longest thread counts, and headers, tags and whatever the runtime wrote count like generated tokens.
 * So it differs from `accelerationRatio`; it is here to compare with published numbers.
 */
export function authorsAccelerationRatio(ids: readonly number[], tags: BlockTags): AuthorsStatistics {
  let total = 0;
  let longestPath = 0;
  let longest = 0;
  let thread: number | undefined;
  let inBlock = false;
  const closeThread = () => {
    longest = Math.max(longest, thread ?? 0);
    thread = undefined;
  };
  for (const id of ids) {
    total += 1;
    if (inBlock && thread !== undefined && id !== tags.threadClose) {
      thread += 1;
      continue;
    }
    longestPath += 1;
    if (!inBlock) {
      inBlock = id === tags.parallelOpen;
    } else if (thread !== undefined) {
      closeThread();
    } else if (id === tags.threadOpen) {
      thread = 0;
    } else if (id === tags.parallelClose) {
      longestPath += longest;
      longest = 0;
      inBlock = false;
    }
  }
  closeThread(); // a text that ends inside a block counts as if it were complete
  longestPath += longest;
  return { total, longestPath, accelerationRatio: total === 0 ? 0 : 1 - longestPath / total };
}

export interface AuthorsStatistics {
  /** `total_num_tokens` */
  total: number;
  /** `num_tokens_in_the_longest_thread` */
  longestPath: number;
  accelerationRatio: number;
}
