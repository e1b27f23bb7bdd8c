import { describe, expect, it } from "vitest";
import { wallClock } from "../../../src/eval/index.ts";
import { quantile } from "../../../src/eval/statistics/moments.ts";

describe("wall clocks", () => {
  it("are those of all samples together", () => {
    const { mean, median, p90, samples } = wallClock({ a: [11, 1, 2, 3, 4, 5], b: [6, 7, 8, 9, 10] });
    expect({ mean, median, p90, samples }).toEqual({ mean: 6, median: 6, p90: 10, samples: 11 });
  });

  it("are what they are with one sample", () => {
    expect(wallClock({ a: [5] })).toEqual({ mean: 5, median: 5, p90: 5, samples: 1 });
  });

  it("lie between two samples where no sample is at the place", () => {
    // What numpy.quantile([1, 2, 4, 8], q) gives.
    expect([0, 0.25, 0.5, 1].map((share) => quantile([1, 2, 4, 8], share))).toEqual([1, 1.75, 3, 8]);
    expect(quantile([1, 2, 4, 8], 0.9)).toBeCloseTo(6.8, 12);
  });
});
