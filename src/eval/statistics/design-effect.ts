/** The spread of one more problem that is right or wrong with even chances. */
const oneMore = 0.25;

/**
 * How many independent verdicts some problems are worth, each with a score that is the mean of several samples: the
 * effective sample size of Korn and Graubard (1998). One sample a problem is one verdict. Few problems that differ say
 * little of how much problems spread, so one more is added: scores that are all the same are no proof that others are.
 *
 * @param spread of the scores around their mean: the sum of squares
 * @param most what it would be if each problem had one verdict, and the mean were the same
 */
export function effectiveSize(problems: number, { spread, most }: { spread: number; most: number }): number {
  return (problems * (most + oneMore)) / (spread + oneMore);
}
