import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { shareBatch } from "../../src/llama/scheduler.ts";

describe("shareBatch", () => {
  it("gives each call a token, and what is left to long prompts in order", () => {
    expect(shareBatch([1, 600, 1, 600], 512)).toEqual([1, 509, 1, 1]);
    expect(shareBatch([1, 10, 20], 512)).toEqual([1, 10, 20]);
  });

  it("never gives more than is wanted or than there is", () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 1, max: 50 }), { maxLength: 20 }),
        fc.nat({ max: 100 }),
        (pending, more) => {
          const budget = pending.length + more;
          const shares = shareBatch(pending, budget);
          expect(shares.every((share, index) => share >= 1 && share <= (pending[index] ?? 0))).toBe(true);
          const wanted = pending.reduce((sum, tokens) => sum + tokens, 0);
          expect(shares.reduce((sum, tokens) => sum + tokens, 0)).toBe(Math.min(wanted, budget));
        },
      ),
    );
  });
});
