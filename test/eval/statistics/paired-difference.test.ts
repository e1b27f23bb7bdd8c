import { describe, expect, it } from "vitest";
import { pairedDifference, seededRandom } from "../../../src/eval/index.ts";
import { drawScores } from "./simulate.ts";

const arms = {
  baseline: { a: [1, 0], b: [1, 1], c: [0, 0], d: [1, 0] },
  candidate: { d: [1, 1], c: [0, 0], b: [1, 1], a: [1, 1] },
};

describe("the paired difference", () => {
  it("is the candidate's accuracy less the baseline's, with the error of the differences", () => {
    const { value, standardError, interval, problems } = pairedDifference(arms);
    // The differences are 1/2, 0, 0, 1/2: their deviation is √(1/12), and t for three degrees of freedom is 3.182.
    expect({ value, problems, method: interval?.method }).toEqual({ value: 0.25, problems: 4, method: "t" });
    expect(standardError).toBeCloseTo(Math.sqrt(1 / 48), 14);
    expect(interval?.low).toBeCloseTo(0.25 - 3.18245 * Math.sqrt(1 / 48), 5);
    expect(interval?.high).toBeCloseTo(0.25 + 3.18245 * Math.sqrt(1 / 48), 5);
  });

  it("turns round with the arms", () => {
    const { value, interval } = pairedDifference({ baseline: arms.candidate, candidate: arms.baseline });
    expect(value).toBe(-0.25);
    expect(interval?.low).toBeCloseTo(-(pairedDifference(arms).interval?.high ?? 0), 14);
  });

  it("is sure of arms that never differ, by every method", () => {
    const same = { baseline: arms.baseline, candidate: arms.baseline };
    for (const method of ["t", "percentile", "bca"] as const) {
      expect(pairedDifference(same, { method }).interval).toEqual({ low: 0, high: 0, method });
    }
  });

  it("has no interval for one problem", () => {
    const one = pairedDifference({ baseline: { a: [0] }, candidate: { a: [1] } });
    expect(one).toEqual({ value: 1, standardError: undefined, interval: undefined, problems: 1 });
  });

  it("is narrower than it would be without the pairing", () => {
    const drawn = drawScores(seededRandom(5), 40, 8);
    const baselines = Object.values(drawn.baseline);
    const shifted = Object.keys(drawn.baseline).map((name, i) => [name, baselines[(i + 1) % 40] ?? []] as const);
    const unpaired = { ...drawn, baseline: Object.fromEntries(shifted) };
    expect(pairedDifference(unpaired).value).toBeCloseTo(pairedDifference(drawn).value, 12);
    expect(pairedDifference(drawn).standardError).toBeLessThan(0.7 * (pairedDifference(unpaired).standardError ?? 0));
  });
});
