/** For each step, in order, the numbers of the earlier steps that it needs. Steps count from 1. */
export type Needs = readonly (readonly number[])[];

/**
 * The longest chain of steps of which each needs the one before it: how long all takes if every step begins as soon as it
 * can. Its numbers have the unit of `lengths` (characters or tokens of each step).
 */
export function graphCriticalPath(needs: Needs, lengths: readonly number[]): number {
  const ends: number[] = [];
  for (const [i, needed] of needs.entries()) {
    const start = needed.reduce((latest, step) => Math.max(latest, ends[step - 1] ?? 0), 0);
    ends.push(start + (lengths[i] ?? 0));
  }
  return ends.reduce((latest, end) => Math.max(latest, end), 0);
}
