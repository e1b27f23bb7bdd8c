import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { normalCdf, normalQuantile, studentCdf, studentQuantile } from "../../../src/eval/statistics/distributions.ts";

describe("Student's distribution", () => {
  // The printed tables of the t distribution, as every textbook has them.
  it.each([
    [1, 12.706],
    [2, 4.303],
    [3, 3.182],
    [4, 2.776],
    [5, 2.571],
    [10, 2.228],
    [29, 2.045],
    [30, 2.042],
    [39, 2.023],
    [60, 2.0],
    [120, 1.98],
  ])("has its upper 2.5 %% with %i degrees of freedom at %d", (degrees, expected) => {
    expect(studentQuantile(0.975, degrees)).toBeCloseTo(expected, 3);
  });

  it("is Cauchy's with one degree of freedom, and has a closed form with two", () => {
    for (const t of [-40, -3, -0.5, 0, 0.1, 2, 100]) {
      expect(studentCdf(t, 1)).toBeCloseTo(0.5 + Math.atan(t) / Math.PI, 14);
      expect(studentCdf(t, 2)).toBeCloseTo(0.5 + t / (2 * Math.sqrt(2 + t * t)), 14);
    }
  });

  it("comes near the normal one with many degrees of freedom", () => {
    expect(studentQuantile(0.975, 100_000)).toBeCloseTo(normalQuantile(0.975), 4);
  });

  it("has quantiles where it reaches them", () => {
    const anything = fc.tuple(fc.double({ min: 0.001, max: 0.999, noNaN: true }), fc.integer({ min: 1, max: 300 }));
    fc.assert(
      fc.property(anything, ([p, degrees]) => {
        expect(studentCdf(studentQuantile(p, degrees), degrees)).toBeCloseTo(p, 12);
      }),
    );
  });
});

describe("the normal distribution", () => {
  it.each([
    [0.5, 0],
    [0.841344746068543, 1],
    [0.975, 1.959963984540054],
    [0.995, 2.575829303548901],
    [0.025, -1.959963984540054],
  ])("reaches %d at %d", (p, x) => {
    expect(normalCdf(x)).toBeCloseTo(p, 14);
    expect(normalQuantile(p)).toBeCloseTo(x, 12);
  });

  it("ends where doubles end", () => {
    expect([normalCdf(-9), normalCdf(9)]).toEqual([0, 1]);
  });
});
