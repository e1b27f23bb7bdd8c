import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { pairedDifference, seededRandom, type Samples } from "../../../src/eval/index.ts";
import { byProblem, drawVerdicts, mixed, repeat } from "./simulate.ts";

const arms = {
  baseline: { a: [1, 0], b: [1, 1], c: [0, 0], d: [1, 0] },
  candidate: { d: [1, 1], c: [0, 0], b: [1, 1], a: [1, 1] },
};

describe("the paired difference", () => {
  it("is the candidate's accuracy less the baseline's, with the error of the differences", () => {
    const { value, standardError, interval, problems } = pairedDifference(arms);
    // The differences are 1/2, 0, 0, 1/2: their deviation is √(1/12).
    expect({ value, problems, method: interval?.method }).toEqual({ value: 0.25, problems: 4, method: "tango" });
    expect(standardError).toBeCloseTo(Math.sqrt(1 / 48), 14);
  });

  it("has Tango's interval", () => {
    // Airway hyper-responsiveness of 21 children (Fagerland, Lydersen and Laake 2014): 1 both, 1 and 7 only one, 12 neither.
    const verdicts = [...repeat(1, () => [1, 1]), [1, 0], ...repeat(7, () => [0, 1]), ...repeat(12, () => [0, 0])];
    const arm = (side: 0 | 1): Samples => byProblem(21, (i) => [verdicts[i]?.[side] ?? 0]);
    const { interval } = pairedDifference({ baseline: arm(0), candidate: arm(1) });
    expect(interval?.low).toBeCloseTo(0.026, 3);
    expect(interval?.high).toBeCloseTo(0.517, 3);
  });

  it("turns round with the arms", () => {
    const { value, interval } = pairedDifference({ baseline: arms.candidate, candidate: arms.baseline });
    expect(value).toBe(-0.25);
    expect(interval?.low).toBeCloseTo(-(pairedDifference(arms).interval?.high ?? 0), 12);
  });

  it("is never sure, also of arms that never differ", () => {
    // z² / (n + z²), for n verdicts
    for (const problems of [2, 30, 272]) {
      const same = byProblem(problems, (i) => [i % 2]);
      const { low, high } = pairedDifference({ baseline: same, candidate: same }).interval ?? {};
      expect(high).toBeCloseTo(3.8415 / (problems + 3.8415), 4);
      expect(low).toBeCloseTo(-3.8415 / (problems + 3.8415), 4);
    }
  });

  it("has an interval with a width, around the value and between -1 and 1", () => {
    const scores = fc.array(fc.tuple(fc.constantFrom(0, 0.25, 0.5, 1), fc.constantFrom(0, 0.25, 0.5, 1)), {
      minLength: 2,
      maxLength: 30,
    });
    fc.assert(
      fc.property(scores, (pairs) => {
        const arm = (side: 0 | 1): Samples => byProblem(pairs.length, (i) => [pairs[i]?.[side] ?? 0]);
        const { value, interval } = pairedDifference({ baseline: arm(0), candidate: arm(1) });
        const { low, high } = interval ?? { low: 1, high: -1 };
        expect(low).toBeGreaterThanOrEqual(-1);
        expect(high).toBeLessThanOrEqual(1);
        expect(low).toBeLessThanOrEqual(value + 1e-12);
        expect(high).toBeGreaterThanOrEqual(value - 1e-12);
        expect(high - low).toBeGreaterThan(0.001);
      }),
    );
  });

  it("has no interval for one problem", () => {
    const one = pairedDifference({ baseline: { a: [0] }, candidate: { a: [1] } });
    expect(one).toEqual({ value: 1, standardError: undefined, interval: undefined, problems: 1 });
  });

  it("is narrower than it would be without the pairing", () => {
    const drawn = drawVerdicts(seededRandom(5), 40, 8, mixed);
    const baselines = Object.values(drawn.baseline);
    const shifted = Object.keys(drawn.baseline).map((name, i) => [name, baselines[(i + 1) % 40] ?? []] as const);
    const unpaired = { ...drawn, baseline: Object.fromEntries(shifted) };
    expect(pairedDifference(unpaired).value).toBeCloseTo(pairedDifference(drawn).value, 12);
    expect(pairedDifference(drawn).standardError).toBeLessThan(0.7 * (pairedDifference(unpaired).standardError ?? 0));
  });
});
