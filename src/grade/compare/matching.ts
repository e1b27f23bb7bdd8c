import type { Steps } from "../steps.ts";

/** Whether each of `count` elements on the left can have one on the right of its own (Kuhn's augmenting paths, without recursion). */
export function canMatch(count: number, fits: (left: number, right: number) => boolean, steps: Steps): boolean {
  const leftOf = new Map<number, number>();
  for (let start = 0; start < count; start += 1) {
    const end = search(start, count, fits, leftOf, steps);
    if (end === undefined) return false;
    // Turns the path around: every element on it gets the neighbour it was reached by.
    let right: number | undefined = end.right;
    while (right !== undefined) {
      const left: number = end.cameFrom.get(right) ?? start;
      const freed = end.matched.get(left);
      leftOf.set(right, left);
      right = freed;
    }
  }
  return true;
}

interface Path {
  readonly right: number;
  /** By which left element a right one was reached. */
  readonly cameFrom: ReadonlyMap<number, number>;
  /** Which right element a left one had before. */
  readonly matched: ReadonlyMap<number, number>;
}

function search(
  start: number,
  count: number,
  fits: (left: number, right: number) => boolean,
  leftOf: ReadonlyMap<number, number>,
  steps: Steps,
): Path | undefined {
  const cameFrom = new Map<number, number>();
  const matched = new Map<number, number>();
  const queue = [start];
  for (const left of queue) {
    for (let right = 0; right < count; right += 1) {
      steps.take();
      if (cameFrom.has(right) || !fits(left, right)) continue;
      cameFrom.set(right, left);
      const owner = leftOf.get(right);
      if (owner === undefined) return { right, cameFrom, matched };
      matched.set(owner, right);
      queue.push(owner);
    }
  }
  return undefined;
}
