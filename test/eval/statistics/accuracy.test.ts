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
    expect(accuracy({ one: [1, 0], other: [1] }).standardError.sameProblems).toBeUndefined();
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
