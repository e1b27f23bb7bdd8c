import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { placePrompt, worthCopying } from "../../src/llama/prefix-cache.ts";
import type { SequenceState } from "../../src/llama/prefix-cache.ts";

const trunk = Array.from({ length: 40 }, (_, index) => index);
const empty: SequenceState = { tokens: [], busy: false, lastUsed: 0 };

function holding(tokens: readonly number[], more: Partial<SequenceState> = {}): SequenceState {
  return { tokens, busy: false, lastUsed: 1, ...more };
}

describe("placePrompt", () => {
  it("starts in the first empty sequence", () => {
    expect(placePrompt(trunk, [empty, empty])).toEqual({ type: "place", target: 0, keep: 0 });
  });

  it("goes on where the prompt goes on", () => {
    const prompt = [...trunk, 100];
    expect(placePrompt(prompt, [empty, holding(trunk)])).toEqual({ type: "place", target: 1, keep: 40 });
  });

  it("evaluates the last token of the prompt in any case", () => {
    expect(placePrompt(trunk, [holding(trunk), empty])).toMatchObject({ target: 0, keep: 39 });
  });

  it("copies the prefix from a sequence that runs", () => {
    const sequences = [empty, holding([...trunk, 100], { busy: true }), empty];
    expect(placePrompt([...trunk, 101], sequences)).toEqual({ type: "place", target: 0, keep: 40, source: 1 });
  });

  it("copies rather than erase much that another prompt may begin with", () => {
    const long = [...trunk, ...trunk];
    expect(placePrompt([...trunk, 101], [holding(long), empty])).toMatchObject({ target: 1, source: 0, keep: 40 });
    expect(placePrompt([...trunk, 101], [holding([...trunk, 7]), empty])).toMatchObject({ target: 0, keep: 40 });
  });

  it("does not copy a few tokens", () => {
    const few = trunk.slice(0, worthCopying - 1);
    const sequences = [holding([...few, 100], { busy: true }), empty];
    expect(placePrompt(trunk, sequences)).toEqual({ type: "place", target: 1, keep: 0 });
  });

  it("waits for a running call that is about to evaluate the same prefix", () => {
    const sequences = [holding([], { busy: true, upcoming: [...trunk, 100] }), empty];
    expect(placePrompt([...trunk, 101], sequences)).toEqual({ type: "wait" });
  });

  it("gives up what has not been used for longest, near the sequences that run", () => {
    const old = [9, 9, 9];
    const sequences = [
      holding(old, { lastUsed: 4 }),
      holding(old, { lastUsed: 1 }),
      holding(old, { lastUsed: 9, busy: true }),
      holding(old, { lastUsed: 2 }),
      holding(old, { lastUsed: 3 }),
    ];
    expect(placePrompt(trunk, sequences)).toEqual({ type: "place", target: 1, keep: 0 });
    expect(placePrompt(trunk, sequences.with(1, holding(old, { lastUsed: 8 })))).toMatchObject({ target: 3 });
  });

  it("takes an idle sequence, keeps a true prefix, and the longest one up to what a copy is worth", () => {
    const ids = fc.array(fc.nat({ max: 1 }), { maxLength: 60 });
    const state = fc.record({ tokens: ids, busy: fc.boolean(), lastUsed: fc.nat({ max: 9 }) });
    const prompts = fc.array(fc.nat({ max: 1 }), { minLength: 1, maxLength: 60 });
    fc.assert(
      fc.property(prompts, fc.array(state, { minLength: 1, maxLength: 6 }), (prompt, some) => {
        const sequences = [...some, empty];
        const placement = placePrompt(prompt, sequences);
        if (placement.type === "wait") throw new Error("nothing to wait for");
        const { target, source = target, keep } = placement;
        expect(sequences[target]?.busy).toBe(false);
        expect(placement.source).not.toBe(target);
        expect(sequences[source]?.tokens.slice(0, keep)).toEqual(prompt.slice(0, keep));
        const best = Math.max(...sequences.map(({ tokens }) => commonPrefix(tokens, prompt)));
        expect(keep).toBeGreaterThan(Math.min(best, prompt.length - 1) - worthCopying);
        expect(keep).toBeLessThan(prompt.length);
      }),
    );
  });
});

function commonPrefix(a: readonly number[], b: readonly number[]): number {
  const differing = a.findIndex((value, index) => value !== b[index]);
  return differing === -1 ? a.length : differing;
}
