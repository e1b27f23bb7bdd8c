/** The ids of the tags that the authors' statistics use. */
export interface BlockTags {
  parallelOpen: number;
  parallelClose: number;
  threadOpen: number;
  threadClose: number;
}

/**
 * The acceleration ratio of ThreadWeaver's authors, as their reward computes it, over the ids of a finished text.
 * Inside a block only the longest thread counts. Headers, tags and all other text of the runtime count like generated
 * tokens. So it differs from `accelerationRatio`. Use it to compare with published numbers.
 */
export function authorsAccelerationRatio(ids: readonly number[], tags: BlockTags): AuthorsStatistics {
  let total = 0;
  let longestPath = 0;
  let longest = 0;
  let blocks = 0;
  let threads = 0;
  let inBlocks = 0;
  let thread: number | undefined;
  let inBlock = false;
  const closeThread = () => {
    longest = Math.max(longest, thread ?? 0);
    thread = undefined;
  };
  for (const id of ids) {
    total += 1;
    if (inBlock && !(thread === undefined && id === tags.parallelClose)) inBlocks += 1;
    if (inBlock && thread !== undefined && id !== tags.threadClose) {
      thread += 1;
      continue;
    }
    longestPath += 1;
    if (!inBlock) {
      inBlock = id === tags.parallelOpen;
      if (inBlock) blocks += 1;
    } else if (thread !== undefined) {
      closeThread();
    } else if (id === tags.threadOpen) {
      thread = 0;
      threads += 1;
    } else if (id === tags.parallelClose) {
      longestPath += longest;
      longest = 0;
      inBlock = false;
    }
  }
  closeThread(); // a text that ends inside a block counts as if it were complete
  longestPath += longest;
  const accelerationRatio = total === 0 ? 0 : 1 - longestPath / total;
  const parallelRatio = total === 0 ? 0 : inBlocks / total;
  return { total, longestPath, accelerationRatio, parallelRatio, blocks, threads };
}

export interface AuthorsStatistics {
  /** The authors' `total_num_tokens`. */
  total: number;
  /** The authors' `num_tokens_in_the_longest_thread`. */
  longestPath: number;
  accelerationRatio: number;
  /** The authors' `parallel_ratio`: the share of the tokens that stand between `<Parallel>` and `</Parallel>`. */
  parallelRatio: number;
  /** The authors' `parallel_count`; nested blocks are text. */
  blocks: number;
  threads: number;
}
