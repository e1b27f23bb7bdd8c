import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { passAtK, passHatK } from "../../../src/eval/index.ts";
import { everySubsetOf } from "./subsets.ts";

const verdicts = fc.array(fc.constantFrom(0, 1), { minLength: 1, maxLength: 9 });

describe("pass@k and pass^k", () => {
  it("are means over problems", () => {
    const { value, standardError, problems } = passAtK({ a: [1, 0, 0, 0], b: [0, 0, 0, 0] }, 2);
    // Three of the six pairs of `a` hold its right sample.
    expect({ value, problems }).toEqual({ value: 0.25, problems: 2 });
    expect(standardError).toBeCloseTo(0.25, 14);
    expect(passHatK({ a: [1, 1, 1, 0], b: [1, 1, 1, 1] }, 2).value).toBeCloseTo(0.75, 14);
  });

  it("are the shares of all subsets with one right sample, and with right samples only", () => {
    fc.assert(
      fc.property(verdicts, fc.integer({ min: 1, max: 9 }), (samples, size) => {
        const k = Math.min(size, samples.length);
        const subsets = everySubsetOf(samples, k);
        const share = (holds: (subset: number[]) => boolean): number => subsets.filter(holds).length / subsets.length;
        expect(passAtK({ only: samples }, k).value).toBeCloseTo(
          share((subset) => subset.includes(1)),
          12,
        );
        expect(passHatK({ only: samples }, k).value).toBeCloseTo(
          share((subset) => !subset.includes(0)),
          12,
        );
      }),
    );
  });

  it("do not overflow with many samples", () => {
    const many = Array.from({ length: 20_000 }, (_, i) => (i < 10_000 ? 1 : 0));
    expect(passAtK({ many }, 2).value).toBeCloseTo(0.75, 3);
    expect(passHatK({ many }, 10_001).value).toBe(0);
    expect(passAtK({ many }, 10_001).value).toBe(1);
  });
});
