import { describe, expect, it } from "vitest";
import {
  accuracy,
  pairedDifference,
  seededRandom,
  speedUp,
  type Interval,
  type IntervalMethod,
  type IntervalOptions,
} from "../../../src/eval/index.ts";
import { boundedMean } from "../../../src/eval/statistics/bounded-mean.ts";
import { mean } from "../../../src/eval/statistics/moments.ts";
import { tangoInterval } from "../../../src/eval/statistics/tango.ts";
import { wilsonInterval } from "../../../src/eval/statistics/wilson.ts";
import { drawLatencies, drawVerdicts, meanBaseline, mixed, trueSpeedUps, type Chances } from "./simulate.ts";

/**
 * How often an interval holds the true value. `COVERAGE_SIMULATIONS=2000 npx vitest run test/eval/statistics/coverage`
 * is the long form, which prints all of it; docs/evaluation.md has what it measured.
 */
const long = process.env["COVERAGE_SIMULATIONS"];
const simulations = Number(long ?? 1000);
const samples = 8;
/** Many problems take long; the number of simulations that is left still tells 93 from 97. */
const sizes = [
  { problems: 30, rounds: simulations },
  { problems: 40, rounds: simulations },
  { problems: 272, rounds: simulations * 0.6 },
];

function holds(interval: Interval | undefined, truth: number): boolean {
  return interval !== undefined && interval.low - 1e-12 <= truth && truth <= interval.high + 1e-12;
}

/** In so many simulations, the share of those whose interval holds the truth, in percent. */
function coverage(rounds: number, simulate: () => boolean): number {
  let held = 0;
  for (let round = 0; round < rounds; round += 1) held += Number(simulate());
  return (100 * held) / rounds;
}

function tell(what: string, percent: number): void {
  if (long !== undefined) console.log(what, percent.toFixed(1));
}

const logFactorials = [0];
for (let n = 1; n <= 272; n += 1) logFactorials.push((logFactorials[n - 1] ?? 0) + Math.log(n));

/** How likely counts are of as many trials as they sum up to, each of one of these chances. */
function multinomial(counts: readonly number[], chances: readonly number[]): number {
  const trials = counts.reduce((sum, count) => sum + count, 0);
  const logs = counts.map((count, i) =>
    count === 0 ? 0 : count * Math.log(chances[i] ?? 0) - (logFactorials[count] ?? 0),
  );
  return Math.exp(logs.reduce((sum, term) => sum + term, logFactorials[trials] ?? 0));
}

describe("the interval of an accuracy", () => {
  it.each(sizes)(
    "holds it in 92.5 to 98 of 100 cases of $problems problems with one sample each, exactly",
    ({ problems }) => {
      for (const truth of [0.5, 0.8, 0.9, 0.92, 0.95, 0.97, 0.98]) {
        let percent = 0;
        for (let right = 0; right <= problems; right += 1) {
          const chance = multinomial([right, problems - right], [truth, 1 - truth]);
          const scores = Array.from({ length: problems }, (_, i) => (i < right ? 1 : 0));
          if (chance > 1e-9 && holds(wilsonInterval(scores), truth)) percent += 100 * chance;
        }
        tell(`accuracy, 1 sample, ${problems} problems, ${truth}:`, percent);
        expect(percent, `${truth}`).toBeGreaterThan(92.5);
        expect(percent, `${truth}`).toBeLessThan(98);
      }
    },
  );

  // Hard problems have one chance, and all others are right for sure: from problems that differ most to such that are all alike.
  const hardOnes = long === undefined ? [0, 0.5] : [0, 0.25, 0.5, 0.75];
  it.each(sizes)(
    "holds it in at least 93 of 100 simulations of $problems problems with eight samples each",
    ({ problems, rounds }) => {
      const random = seededRandom(problems);
      for (const truth of [0.5, 0.92, 0.95, 0.97]) {
        for (const hard of [...hardOnes.filter((chance) => chance < truth), truth]) {
          const chancesOf: Chances = () => {
            const chance = random() < (1 - truth) / (1 - hard) ? hard : 1;
            return [chance, chance];
          };
          const percent = coverage(rounds, () =>
            holds(accuracy(drawVerdicts(random, problems, samples, chancesOf).baseline).interval, truth),
          );
          tell(`accuracy, ${samples} samples, ${problems} problems, ${truth}, hard ones ${hard}:`, percent);
          expect(percent, `${truth}, hard ones ${hard}`).toBeGreaterThanOrEqual(93);
        }
      }
    },
  );
});

describe("the interval of a difference", () => {
  it.each(sizes)(
    "holds it in at least 94 of 100 cases of $problems problems with one sample each, exactly",
    ({ problems }) => {
      for (const [lost, won] of [
        [0.05, 0.02],
        [0.03, 0],
        [0.05, 0],
        [0.1, 0.05],
        [0.15, 0.02],
        [0.1, 0.1],
        [0.2, 0.1],
      ] as const) {
        let percent = 0;
        for (let onlyBaseline = 0; onlyBaseline <= problems; onlyBaseline += 1) {
          for (let onlyCandidate = 0; onlyBaseline + onlyCandidate <= problems; onlyCandidate += 1) {
            if (won === 0 && onlyCandidate > 0) break;
            const counts = [onlyBaseline, onlyCandidate, problems - onlyBaseline - onlyCandidate];
            const chance = multinomial(counts, [lost, won, 1 - lost - won]);
            if (chance < 1e-7) continue;
            const verdicts = Array.from({ length: problems }, (_, i) => ({
              baseline: i < onlyBaseline ? 1 : 0,
              candidate: i >= onlyBaseline && i < onlyBaseline + onlyCandidate ? 1 : 0,
            }));
            if (holds(tangoInterval(verdicts), won - lost)) percent += 100 * chance;
          }
        }
        tell(`difference, 1 sample, ${problems} problems, ${lost} lost, ${won} won:`, percent);
        expect(percent, `${lost} lost, ${won} won`).toBeGreaterThan(94);
        // Where a few verdicts differ, counts are so coarse that no interval comes nearer.
        if (problems * (lost + won) >= 6) expect(percent, `${lost} lost, ${won} won`).toBeLessThan(97);
      }
    },
  );

  const cases: readonly { name: string; truth: number; chancesOf: Chances }[] = [
    { name: "mixed", truth: 0.05, chancesOf: mixed },
    { name: "half of the problems lose 30 points", truth: -0.15, chancesOf: (random) => loseIf(random, 0.5, 0.3) },
    { name: "5 % of the problems lost, 2 % won", truth: -0.03, chancesOf: (random) => flipped(random, 0.05, 0.02) },
    { name: "3 % of the problems lost, 0 % won", truth: -0.03, chancesOf: (random) => flipped(random, 0.03, 0) },
    { name: "all problems alike, 97 %", truth: 0, chancesOf: () => [0.97, 0.97] },
    { name: "all problems alike, 95 % and 90 %", truth: -0.05, chancesOf: () => [0.95, 0.9] },
    { name: "8 % of the problems even, the others right", truth: 0, chancesOf: (random) => even(random, 0.08) },
    { name: "16 % of the problems even, the others right", truth: 0, chancesOf: (random) => even(random, 0.16) },
  ];

  it.each(sizes)(
    "holds it in at least 93 of 100 simulations of $problems problems with eight samples each",
    ({ problems, rounds }) => {
      const random = seededRandom(problems);
      for (const { name, truth, chancesOf } of cases) {
        const percent = coverage(rounds, () =>
          holds(pairedDifference(drawVerdicts(random, problems, samples, chancesOf)).interval, truth),
        );
        tell(`difference, ${samples} samples, ${problems} problems, ${name}:`, percent);
        expect(percent, name).toBeGreaterThanOrEqual(93);
      }
    },
  );

  function loseIf(random: () => number, share: number, loss: number): readonly [number, number] {
    const chance = 0.5 + 0.5 * random();
    return [chance, random() < share ? chance - loss : chance];
  }

  function flipped(random: () => number, lost: number, won: number): readonly [number, number] {
    const drawn = random();
    if (drawn < lost) return [1, 0];
    return drawn < lost + won ? [0, 1] : [1, 1];
  }

  function even(random: () => number, share: number): readonly [number, number] {
    const chance = random() < share ? 0.5 : 1;
    return [chance, chance];
  }
});

/** Of each number that follows from latencies. */
function latencyCoverage(rounds: number, problems: number, method?: IntervalMethod): Record<string, number> {
  const random = seededRandom(problems);
  const options: IntervalOptions = { method, replicas: long === undefined ? 500 : 1000, random: seededRandom(7) };
  const truth = trueSpeedUps(samples);
  const held = { ratioOfMeans: 0, geometricMean: 0, meanOfRatios: 0 };
  for (let i = 0; i < rounds; i += 1) {
    const measured = speedUp(drawLatencies(random, problems, samples), options);
    for (const name of ["ratioOfMeans", "geometricMean", "meanOfRatios"] as const) {
      held[name] += Number(holds(measured[name].interval, truth[name]));
    }
  }
  return Object.fromEntries(Object.entries(held).map(([name, count]) => [name, (100 * count) / rounds]));
}

describe("intervals of latencies", () => {
  // Student's t takes no time, and comes near 93: more simulations, as many as tell it from 92.
  const enough = sizes.map(({ problems, rounds }) => ({ problems, rounds: problems > 40 ? rounds : 4 * rounds }));

  const title = "hold a speed-up in 93 to 97 of 100 simulations of $problems problems";
  it.each(enough)(title, { timeout: 240_000 }, ({ problems, rounds }) => {
    for (const [name, percent] of Object.entries(latencyCoverage(rounds, problems))) {
      expect(percent, name).toBeGreaterThanOrEqual(93);
      expect(percent, name).toBeLessThanOrEqual(97);
    }
  });

  it.each(enough)("hold the mean in 93 to 97 of 100 simulations of $problems problems", ({ problems, rounds }) => {
    const random = seededRandom(problems);
    const options: IntervalOptions = { replicas: 500, random: seededRandom(7) };
    const percent = coverage(rounds, () => {
      const latencies = Object.values(drawLatencies(random, problems, samples).baseline);
      return holds(boundedMean(latencies.map(mean), options).interval, meanBaseline);
    });
    tell(`mean latency, ${problems} problems:`, percent);
    expect(percent).toBeGreaterThanOrEqual(93);
    expect(percent).toBeLessThanOrEqual(97);
  });

  it.runIf(long !== undefined)("of every method, measured", { timeout: 3_600_000 }, () => {
    for (const { problems } of sizes) {
      for (const method of ["t", "percentile", "bca", "two-stage"] as const) {
        // Drawing samples too takes ten times as long.
        const rounds = method === "two-stage" ? simulations / 8 : simulations;
        console.log(problems, method, rounds, latencyCoverage(rounds, problems, method));
      }
    }
  });
});
