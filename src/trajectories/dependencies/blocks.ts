import type { Needs } from "./graph.ts";

/** Steps that stand next to each other, counted from 1, both included. */
export interface StepRange {
  readonly first: number;
  readonly last: number;
}

/** Threads that can stand side by side: neighbours in the text, of which none needs a step of another one. */
export interface Block {
  readonly threads: readonly StepRange[];
}

export interface BlockOptions {
  /** The most threads of a block. @defaultValue 64 */
  readonly maxThreads?: number | undefined;
  /** The most blocks; those that save least are given up. @defaultValue 32 */
  readonly maxBlocks?: number | undefined;
  /** What a block must take off the critical path, in the unit of the lengths. @defaultValue 1 */
  readonly minSaved?: number | undefined;
}

interface Candidate extends Block {
  readonly first: number;
  readonly last: number;
  readonly saved: number;
}

/**
 * The blocks that follow from the graph. Of all ways to put neighbouring steps side by side, without blocks in threads,
 * it is the one that leaves the shortest critical path; of equally good ones, the first that begins late and is short.
 * A step without length never stands alone in a thread. Quadratic in the number of steps, for each possible thread of a block.
 */
export function blocksOf(needs: Needs, lengths: readonly number[], options: BlockOptions = {}): Block[] {
  const { maxThreads = 64, maxBlocks = 32, minSaved = 1 } = options;
  const count = needs.length;
  // For the steps from each one on: what can be saved at most, and by which block that begins there.
  const saved: number[] = Array.from({ length: count + 2 }, () => 0);
  const chosen = new Map<number, Candidate>();
  for (let first = count; first >= 1; first -= 1) {
    saved[first] = saved[first + 1] ?? 0;
    for (const block of candidatesFrom(first, { needs, lengths, maxThreads })) {
      if (block.saved < minSaved) continue;
      const total = block.saved + (saved[block.last + 1] ?? 0);
      if (total <= (saved[first] ?? 0)) continue;
      saved[first] = total;
      chosen.set(first, block);
    }
  }
  const blocks: Candidate[] = [];
  for (let at = 1; at <= count;) {
    const block = chosen.get(at);
    if (block !== undefined) blocks.push(block);
    at = block === undefined ? at + 1 : block.last + 1;
  }
  const kept = new Set(blocks.toSorted((a, b) => b.saved - a.saved || a.first - b.first).slice(0, maxBlocks));
  return blocks.filter((block) => kept.has(block)).map(({ threads }) => ({ threads }));
}

/** The blocks from `first` up to each later step. Steps of which one needs the other are in one thread, with all between. */
function* candidatesFrom(
  first: number,
  { needs, lengths, maxThreads }: { needs: Needs; lengths: readonly number[]; maxThreads: number },
): Generator<Candidate> {
  const threads: (StepRange & { length: number })[] = [];
  let total = 0;
  for (let last = first; last <= needs.length; last += 1) {
    const length = lengths[last - 1] ?? 0;
    total += length;
    let thread = { first: last, last, length };
    const earliest = (needs[last - 1] ?? []).reduce(
      (least, step) => (step >= first ? Math.min(least, step) : least),
      last,
    );
    for (let top = threads.at(-1); top !== undefined && top.last >= earliest; top = threads.at(-1)) {
      thread = { first: top.first, last, length: top.length + thread.length };
      threads.pop();
    }
    threads.push(thread);
    if (threads.length < 2 || threads.length > maxThreads || threads.some((one) => one.length === 0)) continue;
    const longest = threads.reduce((most, one) => Math.max(most, one.length), 0);
    const ranges = threads.map((one) => ({ first: one.first, last: one.last }));
    yield { first, last, threads: ranges, saved: total - longest };
  }
}

/** The critical path of the steps with these blocks: of each block only the longest thread counts. */
export function blocksCriticalPath(blocks: readonly Block[], lengths: readonly number[]): number {
  const lengthOf = ({ first, last }: StepRange) =>
    lengths.slice(first - 1, last).reduce((total, length) => total + length, 0);
  const all = lengths.reduce((total, length) => total + length, 0);
  return blocks.reduce((left, { threads }) => {
    const each = threads.map(lengthOf);
    return left - each.reduce((total, length) => total + length, 0) + Math.max(...each);
  }, all);
}
