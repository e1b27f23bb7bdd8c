import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { tokenSeed } from "../../src/llama/sampling.ts";

describe("tokenSeed", () => {
  it("gives every token of a call a seed of its own", () => {
    expect(new Set(Array.from({ length: 4096 }, (_, index) => tokenSeed(1, index))).size).toBeGreaterThan(4090);
  });

  it("tells seeds apart, also beyond 32 bits and below zero", () => {
    const seeds = [0, 1, 2, -1, 2 ** 32, 2 ** 32 + 1, 2 ** 53 - 1];
    expect(new Set(seeds.map((seed) => tokenSeed(seed, 0))).size).toBe(seeds.length);
  });

  it("stays within 31 bits", () => {
    fc.assert(
      fc.property(fc.maxSafeInteger(), fc.nat(), (seed, index) => {
        const value = tokenSeed(seed, index);
        expect(Number.isInteger(value) && value >= 0 && value < 2 ** 31).toBe(true);
      }),
    );
  });
});
