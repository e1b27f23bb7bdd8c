import { describe, expect, it } from "vitest";
import { seededRandom, speedUp, type IntervalMethod, type Bounded } from "../../../src/eval/index.ts";
import { byProblem, drawLatencies, normal, repeat } from "./simulate.ts";

const arms = { baseline: { long: [900, 1100], short: [100] }, candidate: { long: [500], short: [190, 210] } };
const ratios = ["ratioOfMeans", "geometricMean", "meanOfRatios"] as const;

describe("the speed-up", () => {
  it("is a ratio of sums, a geometric mean and a mean of ratios, which differ", () => {
    const { ratioOfMeans, geometricMean, meanOfRatios, slower, problems } = speedUp(arms);
    expect(ratioOfMeans.value).toBeCloseTo(1100 / 700, 12);
    expect(geometricMean.value).toBeCloseTo(1, 12);
    expect(meanOfRatios.value).toBeCloseTo(1.25, 12);
    expect({ slower, problems }).toEqual({ slower: 0.5, problems: 2 });
  });

  it("turns round with the arms, but for the mean of ratios", () => {
    const turned = speedUp({ baseline: arms.candidate, candidate: arms.baseline });
    const straight = speedUp(arms);
    expect(turned.ratioOfMeans.value).toBeCloseTo(1 / straight.ratioOfMeans.value, 12);
    expect(turned.ratioOfMeans.interval?.low).toBeCloseTo(1 / (straight.ratioOfMeans.interval?.high ?? 0), 12);
    expect(turned.geometricMean.value).toBeCloseTo(1 / straight.geometricMean.value, 12);
    expect(turned.meanOfRatios.value).toBeCloseTo(straight.meanOfRatios.value, 12);
  });

  it("does not depend on the unit", () => {
    const drawn = drawLatencies(seededRandom(1), 50, 4);
    const scale = (samples: Readonly<Record<string, readonly number[]>>) =>
      Object.fromEntries(Object.entries(samples).map(([name, values]) => [name, values.map((value) => value * 1024)]));
    const scaled = speedUp({ baseline: scale(drawn.baseline), candidate: scale(drawn.candidate) });
    expect(scaled).toEqual(speedUp(drawn));
  });

  it("is said with t up to 40 problems and with percentiles above, the same each time", () => {
    const few = drawLatencies(seededRandom(2), 40, 2);
    const many = drawLatencies(seededRandom(2), 41, 2);
    expect(speedUp(few).ratioOfMeans.interval?.method).toBe("t");
    expect(speedUp(many).ratioOfMeans.interval?.method).toBe("percentile");
    expect(speedUp(many)).toEqual(speedUp(many));
  });

  it("has much the same interval by every method where there are many problems", () => {
    const drawn = drawLatencies(seededRandom(3), 300, 16);
    const by = (method: IntervalMethod) => speedUp(drawn, { method, replicas: 4000 });
    for (const name of ratios) {
      const { low, high } = boundsOf(by("t")[name]);
      for (const method of ["percentile", "bca"] as const) {
        const other = boundsOf(by(method)[name]);
        expect(Math.abs(other.low - low), `${name} ${method}`).toBeLessThan(0.15 * (high - low));
        expect(Math.abs(other.high - high), `${name} ${method}`).toBeLessThan(0.15 * (high - low));
      }
    }
  });

  it("has a wider interval where samples are drawn anew too", () => {
    const drawn = drawLatencies(seededRandom(4), 60, 2);
    const width = (method: IntervalMethod): number => {
      const { low, high } = boundsOf(speedUp(drawn, { method, replicas: 2000 }).ratioOfMeans);
      return high - low;
    };
    expect(width("two-stage")).toBeGreaterThan(1.1 * width("percentile"));
  });

  it("takes the chance that it is given", () => {
    const drawn = drawLatencies(seededRandom(5), 60, 2);
    const by = (seed: number) => speedUp(drawn, { method: "percentile", random: seededRandom(seed) });
    expect(by(8)).toEqual(by(8));
    expect(by(8)).not.toEqual(by(9));
  });

  it("has no interval for one problem", () => {
    const { geometricMean } = speedUp({ baseline: { a: [2] }, candidate: { a: [1] } });
    expect(geometricMean.interval).toBeUndefined();
    expect(geometricMean.value).toBeCloseTo(2, 14);
  });
});

describe("the bias of a mean of ratios", () => {
  // Arms without any difference, whose samples have a spread of 35 %: a mean of ratios invents e^(0.35² / k) about.
  it.each([
    [1, 1.13],
    [4, 1.03],
    [8, 1.018],
    [16, 1.008],
    [64, 1.002],
  ])("with %i samples a problem is %d, and the other two estimators have none", (samples, invented) => {
    const random = seededRandom(35);
    const problems = Math.min(40_000, Math.ceil(200_000 / samples));
    const noisy = () => byProblem(problems, () => repeat(samples, () => Math.exp(0.35 * normal(random))));
    const { ratioOfMeans, geometricMean, meanOfRatios } = speedUp(
      { baseline: noisy(), candidate: noisy() },
      { method: "t" },
    );
    expect(Math.abs(meanOfRatios.value - invented)).toBeLessThan(0.005);
    expect(Math.abs(meanOfRatios.value - Math.exp(0.35 ** 2 / samples))).toBeLessThan(0.004);
    expect(ratioOfMeans.value).toBeCloseTo(1, 2);
    expect(geometricMean.value).toBeCloseTo(1, 2);
  });
});

function boundsOf({ interval }: Bounded): { low: number; high: number } {
  if (interval === undefined) throw new Error("no interval");
  return interval;
}
