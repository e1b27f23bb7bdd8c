import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { threadweaver } from "../../src/core/dialects/bundled/index.ts";
import { flatten, type FlatTrie } from "../../src/train/flat/flatten.ts";
import type { Layout } from "../../src/train/flat/tree.ts";
import { trainingUnits } from "../../src/train/units.ts";
import { runs } from "../core/drive.ts";
import { play } from "../core/play.ts";
import { two } from "../core/machine/support.ts";
import { cast, chances, interruptBy, interruptions, runScripted } from "../core/scenarios.ts";
import { driven as trajectory } from "./support.ts";

/** The tokens that lead to an index, itself included. */
function pathTo({ ids, parent }: FlatTrie, index: number): number[] {
  const path: number[] = [];
  for (let at = index; at >= 0; at = parent[at]!) path.push(ids[at]!);
  return path.reverse();
}

const layouts: Layout[] = ["trie", "spliced"];

describe.each(cast)("the flattened trie of any run of %s", (_, dialect, flavour) => {
  it.each(layouts)("has each target once, after just the ids that its call was sent: layout %s", (layout) => {
    fc.assert(
      fc.property(chances, interruptions, (chance, interruption) => {
        const run = trajectory(runScripted(dialect, flavour, chance, { interrupt: interruptBy(interruption) }));
        const flat = flatten(run, { layout });
        const { source, target } = flat.pairs;
        let pair = 0;
        for (const { promptIds, responseIds } of trainingUnits(run)) {
          const before = [...promptIds];
          expect(Array.from(target.slice(pair, pair + responseIds.length))).toEqual(responseIds);
          expect(pathTo(flat, source[pair]!)).toEqual(before);
          // What follows in the call goes on from there, so the last of its sources has it all.
          const last = pair + responseIds.length - 1;
          expect(pathTo(flat, source[last]!)).toEqual([...promptIds, ...responseIds.slice(0, -1)]);
          for (let at = pair + 1; at <= last; at += 1)
            before.push(flat.parent[source[at]!] === source[at - 1] ? 1 : -1);
          expect(before.slice(promptIds.length).every((follows) => follows === 1)).toBe(true);
          pair = last + 1;
        }
        expect(pair).toBe(target.length);
      }),
      { numRuns: runs(25) },
    );
  });

  it.each(layouts)("is in depth-first order, so two integers are the mask: layout %s", (layout) => {
    fc.assert(
      fc.property(chances, (chance) => {
        const run = trajectory(runScripted(dialect, flavour, chance));
        const { ids, parent, positions, lastDescendant } = flatten(run, { layout });
        const ancestors: Set<number>[] = [];
        const wrong: number[][] = [];
        for (let q = 0; q < Math.min(ids.length, 400); q += 1) {
          const above = parent[q]!;
          if (above >= q || positions[q] !== (above < 0 ? 0 : positions[above]! + 1)) wrong.push([q]);
          ancestors.push(new Set([...(ancestors[above] ?? []), q]));
          for (let k = 0; k <= q; k += 1) if (lastDescendant[k]! >= q !== ancestors[q]!.has(k)) wrong.push([q, k]);
        }
        expect(wrong).toEqual([]);
      }),
      { numRuns: runs(5) },
    );
  });
});

describe("layouts", () => {
  const played = play(threadweaver, {
    "0": [`so ${two}`, "</Parallel>end"],
    "0/1.1": [" x</Thread>"],
    "0/1.2": [" y</Thread>"],
  });
  const run = trajectory(played);

  it("begin with main's text, as its last call saw it", () => {
    const last = trainingUnits(run).at(-1);
    const whole = [...(last?.promptIds ?? []), ...(last?.responseIds ?? [])];
    for (const layout of layouts) {
      const { ids, positions } = flatten(run, { layout });
      expect(Array.from(ids.slice(0, whole.length))).toEqual(whole);
      expect(Array.from(positions.slice(0, whole.length))).toEqual(whole.map((_, i) => i));
    }
  });

  it("differ in the first thread: on main's path, or beside it with its copy left out", () => {
    const [trie, spliced] = layouts.map((layout) => flatten(run, { layout }));
    expect(trie!.ids.length + " x</Thread>".length - "</Thread>".length + 1).toBe(spliced!.ids.length);
    expect(spliced!.pairs.target).toEqual(trie!.pairs.target);
  });

  it("give each call's tokens the weight that is asked for", () => {
    const { weight } = flatten(run, { weightOf: (call, threadId) => call + (threadId === "0" ? 0.5 : 0) }).pairs;
    expect([...new Set(weight)]).toEqual([0.5, 1, 2, 3.5]);
  });

  it("refuse a call that was sent nothing", () => {
    const first = run.trie.segments.map((segment) => (segment.id === 0 ? { ...segment, parent: null } : segment));
    const [, call] = first;
    const bare = { ...run, trie: { segments: [first[0]!, { ...call!, parent: null }] } };
    expect(() => flatten(bare)).toThrow(/call 0 of thread 0 was sent no token/);
  });
});
