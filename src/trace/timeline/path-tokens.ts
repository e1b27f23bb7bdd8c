import { forkMarkOf, laneOf, type Lane, type PathPart, type Timeline } from "./timeline.ts";

type Laid = Pick<Timeline, "lanes" | "forks" | "end">;

/**
 * The longest chain of generated tokens, from its first to its last: which calls wrote it. It is found backwards, since each
 * call knows how many tokens lie before it.
 */
export function pathInTokens({ lanes, forks, end }: Laid): PathPart[] {
  const parts: PathPart[] = [];
  let [lane, to] = [0, end.tokens];
  /** Forks of the lane from here on come later. */
  let below = Infinity;
  while (to > 0) {
    const own = laneOf({ lanes }, lane);
    const call = own.calls.findLastIndex(({ before, tokens }) => before < to && to <= before + tokens);
    const thread = call < 0 ? threadTo(own, { lanes, forks }, below, to) : undefined;
    if (thread !== undefined) {
      [lane, below] = [thread, Infinity];
      continue;
    }
    // A thread that was forked while its parent wrote: the parent's call may not have counted as far in the end.
    const reached = call < 0 ? own.calls.findLastIndex(({ before }) => before < to) : call;
    const from = own.calls[reached]?.before;
    if (from !== undefined) {
      parts.push({ lane, call: reached, from, to });
      to = from;
    } else if (own.fork === undefined) return [{ lane, from: 0, to }, ...parts.reverse()];
    else [lane, below] = [forkMarkOf({ forks }, own.fork).lane, own.fork];
  }
  return parts.reverse();
}

/** A thread that was joined into this lane and whose chain leads to this place. */
function threadTo(
  { forks: own }: Lane,
  { lanes, forks }: Pick<Timeline, "lanes" | "forks">,
  below: number,
  tokens: number,
): number | undefined {
  for (const index of own.toReversed()) {
    if (index >= below) continue;
    const thread = forkMarkOf({ forks }, index).threads.find((n) => laneOf({ lanes }, n).to.tokens === tokens);
    if (thread !== undefined) return thread;
  }
  return undefined;
}
