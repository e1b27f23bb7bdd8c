import { laneOf, type Timeline } from "../trace/timeline/timeline.ts";

/** The lanes that are shown: all but those below a lane that is closed. */
export function openRows({ lanes }: Timeline, closed: ReadonlySet<number>): number[] {
  const rows: number[] = [];
  let hiddenBelow = Infinity;
  for (const [index, { depth }] of lanes.entries()) {
    if (depth > hiddenBelow) continue;
    hiddenBelow = closed.has(index) ? depth : Infinity;
    rows.push(index);
  }
  return rows;
}

/** The lane that forked this one. */
export function parentOf({ lanes, forks }: Timeline, lane: number): number | undefined {
  const fork = laneOf({ lanes }, lane).fork;
  return fork === undefined ? undefined : forks[fork]?.lane;
}

/** The lanes that have to be open so that this one is shown. */
export function ancestorsOf(timeline: Timeline, lane: number): number[] {
  const ancestors: number[] = [];
  for (let at = parentOf(timeline, lane); at !== undefined; at = parentOf(timeline, at)) ancestors.push(at);
  return ancestors;
}
