import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { blocksCriticalPath, blocksOf, type Block } from "../../src/trajectories/dependencies/blocks.ts";
import { graphCriticalPath, type Needs } from "../../src/trajectories/dependencies/graph.ts";
import { runs } from "../core/drive.ts";

const graphs = (most: number) =>
  fc
    .array(fc.tuple(fc.array(fc.nat(100), { maxLength: 2 }), fc.integer({ min: 1, max: 9 })), {
      minLength: 1,
      maxLength: most,
    })
    .map((all) => ({
      needs: all.map(([needs], i) => (i === 0 ? [] : needs.map((n) => 1 + (n % i)))) satisfies Needs,
      lengths: all.map(([, length]) => length),
    }));

/** All ways to cut the steps from `first` on into blocks and steps that stand alone. */
function* allBlocks(first: number, needs: Needs): Generator<Block[]> {
  if (first > needs.length) return yield [];
  for (const rest of allBlocks(first + 1, needs)) yield rest;
  for (let last = first + 1; last <= needs.length; last += 1) {
    for (let cuts = 1; cuts < 2 ** (last - first); cuts += 1) {
      const threads = [{ first, last: first }];
      for (let n = first + 1; n <= last; n += 1) {
        if ((cuts >> (n - first - 1)) & 1) threads.push({ first: n, last: n });
        else threads[threads.length - 1] = { ...threads.at(-1)!, last: n };
      }
      if (!areApart(threads, needs)) continue;
      for (const rest of allBlocks(last + 1, needs)) yield [{ threads }, ...rest];
    }
  }
}

function areApart(threads: Block["threads"], needs: Needs): boolean {
  const begin = threads[0]?.first ?? 1;
  return threads.every(({ first, last }) =>
    needs.slice(first - 1, last).every((needed) => needed.every((step) => step < begin || step >= first)),
  );
}

describe("the blocks of a graph", () => {
  it("leave the shortest critical path of all that there are", () => {
    fc.assert(
      fc.property(graphs(6), ({ needs, lengths }) => {
        const blocks = blocksOf(needs, lengths);
        const best = Math.min(...[...allBlocks(1, needs)].map((one) => blocksCriticalPath(one, lengths)));
        expect(blocksCriticalPath(blocks, lengths)).toBe(best);
        expect(best).toBeGreaterThanOrEqual(graphCriticalPath(needs, lengths));
      }),
      { numRuns: runs(150) },
    );
  });

  it("are apart: no thread needs a step of another one, and blocks follow each other", () => {
    fc.assert(
      fc.property(graphs(30), fc.integer({ min: 2, max: 6 }), ({ needs, lengths }, maxThreads) => {
        let next = 1;
        for (const { threads } of blocksOf(needs, lengths, { maxThreads, maxBlocks: 3 })) {
          expect(threads.length).toBeGreaterThanOrEqual(2);
          expect(threads.length).toBeLessThanOrEqual(maxThreads);
          expect(areApart(threads, needs)).toBe(true);
          for (const [i, { first, last }] of threads.entries()) {
            expect(i === 0 ? first >= next : first === next).toBe(true);
            expect(last).toBeGreaterThanOrEqual(first);
            next = last + 1;
          }
        }
      }),
      { numRuns: runs(200) },
    );
  });

  it("reach the critical path of the graph where it is a chain of forks", () => {
    const needs = [[], [1], [1], [1], [2, 3, 4], [5], [5], [6, 7]];
    const lengths = [3, 5, 9, 2, 4, 6, 7, 1];
    const blocks = blocksOf(needs, lengths);
    expect(blocks.map(({ threads }) => threads.map(({ first }) => first))).toEqual([
      [2, 3, 4],
      [6, 7],
    ]);
    expect(blocksCriticalPath(blocks, lengths)).toBe(graphCriticalPath(needs, lengths));
  });

  it("keep those that save most where there are too many, and none that saves too little", () => {
    const needs = [[], [], [1, 2], [3], [3], [4, 5]];
    const lengths = [2, 2, 1, 9, 9, 1];
    const firsts = (options: Parameters<typeof blocksOf>[2]) =>
      blocksOf(needs, lengths, options).map(({ threads }) => threads[0]?.first);
    expect(firsts({})).toEqual([1, 4]);
    expect(firsts({ maxBlocks: 1 })).toEqual([4]);
    expect(firsts({ minSaved: 3 })).toEqual([4]);
    expect(blocksOf([[], [], []], [4, 0, 4]).flatMap(({ threads }) => threads)).toEqual([]);
  });
});
