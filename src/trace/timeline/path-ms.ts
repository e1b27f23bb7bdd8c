import { forkMarkOf, laneOf, type Lane, type PathPart, type Timeline } from "./timeline.ts";

type Laid = Pick<Timeline, "lanes" | "forks" | "end">;

/**
 * What a run waited for, at each moment from its beginning to its end. It is found backwards: a join waited for the
 * thread that ended last, a thread for its fork, and a call for the call before it.
 */
export function pathInMs({ lanes, forks, end }: Laid): PathPart[] {
  const parts: PathPart[] = [];
  let [lane, to] = [0, end.ms];
  /** Forks of the lane from here on come later. */
  let below = Infinity;
  const back = (from: number, call?: number): void => {
    if (from < to) parts.push({ lane, ...(call !== undefined && { call }), from, to });
    to = Math.min(to, from);
  };
  // oxlint-disable-next-line no-unmodified-loop-condition -- `back` moves it
  while (to > 0) {
    const own = laneOf({ lanes }, lane);
    const call = own.calls.findLastIndex(({ asked }) => asked < to);
    const span = own.calls[call];
    const ended = span === undefined ? -Infinity : Math.min(span.end, to);
    const joined = lastJoined(own, { lanes, forks }, { below, to });
    if (joined !== undefined && joined.ms > ended) {
      back(joined.ms);
      [lane, below] = [joined.thread, Infinity];
    } else if (span !== undefined) {
      back(ended);
      back(span.asked, call);
    } else if (own.fork === undefined) back(0);
    else {
      const fork = forkMarkOf({ forks }, own.fork);
      back(fork.at.ms);
      [lane, below] = [fork.lane, own.fork];
    }
  }
  return parts.reverse();
}

/** The thread that the last join before a moment waited for, and when it ended. */
function lastJoined(
  { forks: own }: Lane,
  { lanes, forks }: Pick<Timeline, "lanes" | "forks">,
  { below, to }: { below: number; to: number },
): { thread: number; ms: number } | undefined {
  for (const index of own.toReversed()) {
    if (index >= below) continue;
    const { last, join } = forkMarkOf({ forks }, index);
    const { ms } = laneOf({ lanes }, last.ms).to;
    if (Math.max(ms, join?.ms ?? 0) <= to) return { thread: last.ms, ms };
  }
  return undefined;
}
