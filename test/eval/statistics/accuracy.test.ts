import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { accuracy, seededRandom } from "../../../src/eval/index.ts";
import { mean, variance } from "../../../src/eval/statistics/moments.ts";
import { byProblem, repeat } from "./simulate.ts";

describe("accuracy", () => {
  it("is the mean over problems, however many samples each has", () => {
    const { value, standardError, problems } = accuracy({ easy: [1, 1, 1, 1, 1, 1], hard: [0, 1] });
    expect({ value, problems }).toEqual({ value: 0.75, problems: 2 });
    expect(standardError.population).toBeCloseTo(0.25, 14);
    // Only the hard one has noise: a variance of 1/2 over 2 samples, and half the weight.
    expect(standardError.sameProblems).toBeCloseTo(0.25, 14);
  });

  it("has no error where nothing tells of it", () => {
    expect(accuracy({ one: [1, 0] }).standardError.population).toBeUndefined();
    expect(accuracy({ one: [1, 0] }).interval).toBeUndefined();
    expect(accuracy({ one: [1, 0], other: [1] }).standardError.sameProblems).toBeUndefined();
  });

  it.each([
    // Newcombe (1998), Two-sided confidence intervals for the single proportion: Table I, method 3
    [81, 263, 0.2553, 0.3662],
    [15, 148, 0.0624, 0.1605],
    [0, 20, 0, 0.1611],
    [1, 29, 0.0061, 0.1718],
  ])("has Wilson's interval: %i of %i", (right, of, low, high) => {
    const { interval } = accuracy(byProblem(of, (i) => [i < right ? 1 : 0]));
    expect(interval?.method).toBe("wilson");
    expect(interval?.low).toBeCloseTo(low, 4);
    expect(interval?.high).toBeCloseTo(high, 4);
  });

  it("has an interval with a width, around the value and between 0 and 1", () => {
    const scores = fc.array(fc.array(fc.constantFrom(0, 0.5, 1), { minLength: 1, maxLength: 6 }), {
      minLength: 2,
      maxLength: 30,
    });
    fc.assert(
      fc.property(scores, (problems) => {
        const { value, interval } = accuracy(byProblem(problems.length, (i) => problems[i] ?? []));
        const { low, high } = interval ?? { low: 1, high: 0 };
        expect(low).toBeGreaterThanOrEqual(0);
        expect(high).toBeLessThanOrEqual(1);
        expect(low).toBeLessThanOrEqual(value);
        expect(high).toBeGreaterThanOrEqual(value);
        expect(high - low).toBeGreaterThan(0.001);
      }),
    );
  });

  it("has a narrower interval where several samples of a problem agree less than problems differ", () => {
    const width = (samples: number): number => {
      const { interval } = accuracy(byProblem(40, (i) => repeat(samples, () => 0).map((_, n) => (i * 7 + n * 3) % 2)));
      return (interval?.high ?? 0) - (interval?.low ?? 0);
    };
    expect(width(8)).toBeLessThan(0.6 * width(1));
  });

  it("has errors that are how far repeated evaluations spread", () => {
    const random = seededRandom(3);
    const evaluate = (chances: readonly number[]) =>
      accuracy(byProblem(30, (i) => repeat(8, () => (random() < (chances[i] ?? 0) ? 1 : 0))));
    const drawChances = (): number[] => repeat(30, () => 1 - random() ** 2);

    const anew = repeat(2000, () => evaluate(drawChances()).value);
    const reported = Array.from({ length: 200 }, () => evaluate(drawChances()).standardError);
    expect(mean(reported.map(({ population = 0 }) => population)) / Math.sqrt(variance(anew))).toBeCloseTo(1, 1);

    const fixed = drawChances();
    const again = repeat(2000, () => evaluate(fixed).value);
    const { sameProblems = 0 } = evaluate(fixed).standardError;
    expect(sameProblems / Math.sqrt(variance(again))).toBeGreaterThan(0.85);
    expect(sameProblems / Math.sqrt(variance(again))).toBeLessThan(1.15);
    expect(Math.sqrt(variance(again))).toBeLessThan(0.7 * Math.sqrt(variance(anew)));
  });
});
