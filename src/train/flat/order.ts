import type { Branch } from "./branch.ts";

/** Some tokens of one branch, as they come in depth-first order. */
export interface Slice {
  readonly branch: Branch;
  readonly start: number;
  readonly end: number;
}

interface Task {
  readonly branch: Branch;
  readonly start: number;
}

/**
 * The tokens of a tree in depth-first order: each before all that follows it, and all that follows it in one stretch.
 * Main's last call comes first of all, in one slice from the beginning on.
 */
export function slicesOf(root: Branch): Slice[] {
  const slices: Slice[] = [];
  const tasks: Task[] = [{ branch: root, start: 0 }];
  for (let task = tasks.pop(); task !== undefined; task = tasks.pop()) {
    const { branch, start } = task;
    // What departs at `start` itself follows the token before it, and is laid by whoever laid that.
    const isBeginning = start === 0;
    const later = branch.children.filter(({ at }) => at > start || isBeginning);
    const main = later.find(({ onMain }) => onMain);
    const end = main?.at ?? branch.ids.length;
    if (end > start) slices.push({ branch, start, end });
    const others = later.filter((child) => child !== main && child.at <= end);
    others.sort((a, b) => a.at - b.at);
    // The last task is done first: main, then the rest of this branch, then what departs from it, from its end backwards.
    for (const child of others) tasks.push({ branch: child, start: 0 });
    if (main !== undefined && end < branch.ids.length) tasks.push({ branch, start: end });
    if (main !== undefined) tasks.push({ branch: main, start: 0 });
  }
  return slices;
}
