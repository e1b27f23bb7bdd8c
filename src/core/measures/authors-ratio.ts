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
  /** The authors' `total_num_tokens`. */
  total: number;
  /** The authors' `num_tokens_in_the_longest_thread`. */
  longestPath: number;
  accelerationRatio: number;
}
