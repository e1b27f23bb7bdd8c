import { pathInMs } from "./path-ms.ts";
import { pathInTokens } from "./path-tokens.ts";
import { laneOf, type ForkMark, type Lane, type Place, type Timeline } from "./timeline.ts";

/** A sequence by the ids that its run has for it, before it has a lane. */
export interface Laid extends Omit<Lane, "fork" | "forks"> {
  readonly id: number;
  /** The ids of its forks, in order. */
  readonly forkIds: readonly number[];
}

export interface LaidFork {
  readonly forkId: string;
  /** Ids of its threads, in the order of the plan. */
  readonly threadIds: readonly number[];
  readonly at: Place;
  readonly join?: Place | undefined;
}

export type Rest = Pick<Timeline, "about" | "axes" | "end" | "tokens">;

/**
 * Gives each sequence a lane, main's first, and finds what the run waited for.
 *
 * @param sequences by their ids; the first is main.
 * @param forks by their ids.
 * @returns also which sequence each lane has.
 */
export function layOut(
  sequences: readonly Laid[],
  forks: readonly LaidFork[],
  rest: Rest,
): { timeline: Timeline; order: readonly number[] } {
  const order = inOrder(sequences, forks);
  const laneOfId = new Map(order.map((id, lane) => [id, lane]));
  const lane = (id: number): number => laneOfId.get(id) ?? 0;
  const forkOfThread = new Map(forks.flatMap(({ threadIds }, fork) => threadIds.map((id) => [id, fork])));
  const lanes = order.flatMap((id): Lane[] => {
    const sequence = sequences[id];
    if (sequence === undefined) return [];
    const { id: _, forkIds, ...own } = sequence;
    return [{ ...own, fork: forkOfThread.get(id), forks: forkIds }];
  });
  const by = new Map(sequences.flatMap(({ id, forkIds }) => forkIds.map((fork) => [fork, lane(id)])));
  const marks = forks.map(({ threadIds, ...fork }, id): ForkMark => {
    const threads = threadIds.map(lane);
    const last = { ms: latest(lanes, threads, "ms"), tokens: latest(lanes, threads, "tokens") };
    return { ...fork, lane: by.get(id) ?? 0, threads, last };
  });
  const laid = { ...rest, lanes, forks: marks };
  const paths = { ms: rest.axes.includes("ms") ? pathInMs(laid) : [], tokens: pathInTokens(laid) };
  return { timeline: { ...laid, paths }, order };
}

/** Ids of sequences, each before its threads. */
function inOrder(sequences: readonly Laid[], forks: readonly LaidFork[]): number[] {
  const order: number[] = [];
  const open = sequences.length === 0 ? [] : [0];
  for (let id = open.pop(); id !== undefined; id = open.pop()) {
    order.push(id);
    const threads = (sequences[id]?.forkIds ?? []).flatMap((fork) => forks[fork]?.threadIds ?? []);
    open.push(...threads.toReversed());
  }
  return order;
}

/** The one that ended last; of several, the first. */
function latest(lanes: readonly Lane[], threads: readonly number[], axis: keyof Place): number {
  const end = (lane: number): number => laneOf({ lanes }, lane).to[axis];
  return threads.reduce((last, lane) => (end(lane) > end(last) ? lane : last), threads[0] ?? 0);
}
