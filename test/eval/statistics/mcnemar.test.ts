import { describe, expect, it } from "vitest";
import { mcnemar } from "../../../src/eval/index.ts";

/** Problems of which some only the baseline has right, some only the candidate, some both, and some neither. */
function split(onlyBaseline: number, onlyCandidate: number, both = 5, neither = 3) {
  const kinds: [number, number, number][] = [
    [onlyBaseline, 1, 0],
    [onlyCandidate, 0, 1],
    [both, 1, 1],
    [neither, 0, 0],
  ];
  const pairs = kinds.flatMap(([count, baseline, candidate]) =>
    Array.from({ length: count }, () => [baseline, candidate]),
  );
  const arm = (at: number) => Object.fromEntries(pairs.map((pair, i) => [i, [pair[at] ?? 0]]));
  return { baseline: arm(0), candidate: arm(1) };
}

describe("McNemar's exact test", () => {
  it("counts the problems that differ, and no others", () => {
    expect(mcnemar(split(1, 5))).toMatchObject({ onlyBaseline: 1, onlyCandidate: 5 });
    expect(mcnemar(split(1, 5)).p).toBe(mcnemar(split(1, 5, 0, 90)).p);
  });

  it("is a sign test, two-sided", () => {
    // 2 * (1 + 6) / 2^6
    expect(mcnemar(split(1, 5)).p).toBeCloseTo(14 / 64, 14);
    expect(mcnemar(split(5, 1)).p).toBeCloseTo(14 / 64, 14);
    expect(mcnemar(split(0, 10)).p).toBeCloseTo(2 / 1024, 14);
  });

  it("never says more than certain, and that of arms without a difference", () => {
    expect(mcnemar(split(0, 0)).p).toBe(1);
    expect(mcnemar(split(4, 4)).p).toBe(1);
  });

  it("works where the chance of one split is too small for a double", () => {
    const { p } = mcnemar(split(1000, 1200));
    // A normal approximation with the correction for continuity: z = 199 / sqrt(2200).
    expect(p).toBeGreaterThan(1.9e-5);
    expect(p).toBeLessThan(2.4e-5);
  });
});
