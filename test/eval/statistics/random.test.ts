import { describe, expect, it } from "vitest";
import { seededRandom } from "../../../src/eval/index.ts";
import { mean, variance } from "../../../src/eval/statistics/moments.ts";
import { repeat } from "./simulate.ts";

describe("seeded chance", () => {
  it("repeats itself, and differs by its seed", () => {
    const first = (seed: number): number[] => repeat(5, seededRandom(seed));
    expect(first(1)).toEqual(first(1));
    for (const seed of [0, 2, -1, 2 ** 31]) expect(first(seed)).not.toEqual(first(1));
  });

  it("is uniform from 0 to below 1, and one number does not tell of the next", () => {
    const numbers = repeat(100_000, seededRandom(9));
    expect(Math.min(...numbers.slice(0, 50_000))).toBeGreaterThanOrEqual(0);
    expect(Math.max(...numbers.slice(0, 50_000))).toBeLessThan(1);
    expect(mean(numbers)).toBeCloseTo(0.5, 2);
    expect(variance(numbers)).toBeCloseTo(1 / 12, 2);
    const products = numbers.slice(1).map((number, i) => (number - 0.5) * ((numbers[i] ?? 0) - 0.5));
    expect(Math.abs(mean(products))).toBeLessThan(0.001);
    const counts = Array.from({ length: 16 }, () => 0);
    for (const number of numbers) counts[Math.floor(number * 16)] = (counts[Math.floor(number * 16)] ?? 0) + 1;
    const chiSquare = counts.reduce((sum, count) => sum + (count - 6250) ** 2 / 6250, 0);
    // 15 degrees of freedom: above 37.7 in one of a thousand seeds.
    expect(chiSquare).toBeLessThan(37.7);
  });
});
