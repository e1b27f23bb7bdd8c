import { describe, expect, it } from "vitest";
import {
  pairedDifference,
  seededRandom,
  speedUp,
  type Interval,
  type IntervalMethod,
  type IntervalOptions,
} from "../../../src/eval/index.ts";
import { drawLatencies, drawScores, trueDifference, trueSpeedUps } from "./simulate.ts";

/**
 * How often an interval holds the true value. `COVERAGE_SIMULATIONS=2000 npx vitest run test/eval/statistics/coverage`
 * is the long form, which prints all methods; docs/evaluation.md has what it measured.
 */
const long = process.env["COVERAGE_SIMULATIONS"];
const simulations = Number(long ?? 1000);
const samples = 8;

/** In so many simulations, the share of those whose interval holds the truth, in percent, of each number. */
function coverage(rounds: number, problems: number, method?: IntervalMethod): Record<string, number> {
  const random = seededRandom(problems);
  const options: IntervalOptions = { method, replicas: long === undefined ? 500 : 1000, random: seededRandom(7) };
  const truth = trueSpeedUps(samples);
  const held = { difference: 0, ratioOfMeans: 0, geometricMean: 0, meanOfRatios: 0 };
  for (let i = 0; i < rounds; i += 1) {
    const difference = pairedDifference(drawScores(random, problems, samples), options);
    const measured = speedUp(drawLatencies(random, problems, samples), options);
    held.difference += Number(holds(difference.interval, trueDifference));
    for (const name of ["ratioOfMeans", "geometricMean", "meanOfRatios"] as const) {
      held[name] += Number(holds(measured[name].interval, truth[name]));
    }
  }
  return Object.fromEntries(Object.entries(held).map(([name, count]) => [name, (100 * count) / rounds]));
}

function holds(interval: Interval | undefined, truth: number): boolean {
  return interval !== undefined && interval.low <= truth && truth <= interval.high;
}

describe("intervals of 95 %", () => {
  // A bootstrap of many problems takes long; the number of simulations that is left still tells 93 from 97.
  it.each([
    { problems: 30, rounds: simulations },
    { problems: 40, rounds: simulations },
    { problems: 272, rounds: simulations * 0.6 },
  ])("hold the true value in 93 to 97 of 100 simulations of $problems problems", { timeout: 240_000 }, (simulated) => {
    for (const [name, percent] of Object.entries(coverage(simulated.rounds, simulated.problems))) {
      expect(percent, name).toBeGreaterThanOrEqual(93);
      expect(percent, name).toBeLessThanOrEqual(97);
    }
  });

  it.runIf(long !== undefined)("of every method, measured", { timeout: 3_600_000 }, () => {
    for (const problems of [30, 40, 272]) {
      for (const method of ["t", "percentile", "bca", "two-stage"] as const) {
        // Drawing samples too takes ten times as long.
        const rounds = method === "two-stage" ? simulations / 8 : simulations;
        console.log(problems, method, rounds, coverage(rounds, problems, method));
      }
    }
  });
});
