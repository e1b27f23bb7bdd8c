import type { Branch } from "../flat/branch.ts";
import { slicesOf } from "../flat/order.ts";
import type { Placed } from "../flat/tree.ts";

/** Tokens of one maker after which nothing parts before their end. */
export interface Run {
  readonly branch: Branch;
  readonly start: number;
  readonly end: number;
  /** The index of the one before it; null for the first. */
  readonly parent: number | null;
}

/** The runs of a tree, each after the one that it follows, and which of them ends where. */
export class Runs {
  readonly all: Run[] = [];
  readonly #ends = new Map<Branch, Map<number, number>>();

  /** @param placed what was sampled: a run ends where it begins and where it ends. */
  constructor(root: Branch, placed: readonly Placed[]) {
    const sampled = Map.groupBy(placed, ({ branch }) => branch);
    for (const { branch, start, end } of slicesOf(root)) {
      const marks = sampled.get(branch)?.flatMap((part) => [part.start, part.end]) ?? [];
      const cuts = [...branch.children.map(({ at }) => at), ...marks, end];
      let from = start;
      for (const to of [...new Set(cuts)].filter((cut) => cut > start && cut <= end).sort((a, b) => a - b)) {
        this.#add(branch, from, to);
        from = to;
      }
    }
  }

  /** The index of the run that ends at this place; null at the beginning of all. */
  endingAt(branch: Branch, at: number): number | null {
    if (at === 0) return branch.parent === undefined ? null : this.endingAt(branch.parent, branch.at);
    const index = this.#ends.get(branch)?.get(at);
    if (index === undefined) throw new RangeError("no run ends here");
    return index;
  }

  /** The indices of the runs between two places of a branch. */
  between(branch: Branch, start: number, end: number): number[] {
    const ends = this.#ends.get(branch) ?? [];
    return [...ends].flatMap(([to, i]) => (to > start && to <= end ? [i] : []));
  }

  #add(branch: Branch, start: number, end: number): void {
    const parent = this.endingAt(branch, start);
    const ends = this.#ends.get(branch) ?? new Map<number, number>();
    this.#ends.set(branch, ends.set(end, this.all.length));
    this.all.push({ branch, start, end, parent });
  }
}
