import type { Arms, Random, Samples } from "../../../src/eval/index.ts";

/** A standard normal number (Box and Muller). */
export function normal(random: Random): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}

export function byProblem(problems: number, samplesOf: (problem: number) => readonly number[]): Samples {
  return Object.fromEntries(Array.from({ length: problems }, (_, i) => [`problem ${i}`, samplesOf(i)]));
}

export function repeat<T>(times: number, make: () => T): T[] {
  return Array.from({ length: times }, make);
}

/** Mean 1 and a spread of 35 % (1 / √8): the mean of eight exponential numbers. */
function noise(random: Random): number {
  let product = 1;
  for (let i = 0; i < 8; i += 1) product *= 1 - random();
  return -Math.log(product) / 8;
}

const logSpeedUp = { mean: Math.log(1.15), sd: 0.25 };

/** Problems of very different lengths, some slower than before, and samples whose lengths have a spread of 35 %. */
export function drawLatencies(random: Random, problems: number, samples: number): Arms {
  const truths = Array.from({ length: problems }, () => {
    const length = 2000 * Math.exp(0.6 * normal(random));
    return { length, gain: Math.exp(logSpeedUp.mean + logSpeedUp.sd * normal(random)) };
  });
  return {
    baseline: byProblem(problems, (i) => repeat(samples, () => (truths[i]?.length ?? 0) * noise(random))),
    candidate: byProblem(problems, (i) => {
      const { length = 0, gain = 1 } = truths[i] ?? {};
      return repeat(samples, () => (length / gain) * noise(random));
    }),
  };
}

/** The mean latency of the baseline there. */
export const meanBaseline = 2000 * Math.exp(0.6 ** 2 / 2);

/** What the three estimators estimate there; of the mean of ratios with its own bias, 8k / (8k - 1). */
export function trueSpeedUps(samples: number): { ratioOfMeans: number; geometricMean: number; meanOfRatios: number } {
  const { mean, sd } = logSpeedUp;
  return {
    ratioOfMeans: Math.exp(mean - sd ** 2 / 2),
    geometricMean: Math.exp(mean),
    meanOfRatios: (Math.exp(mean + sd ** 2 / 2) * 8 * samples) / (8 * samples - 1),
  };
}

/** The chances of one problem to be answered right. */
export type Chances = (random: Random) => readonly [baseline: number, candidate: number];

/** Verdicts of problems whose chances are drawn. */
export function drawVerdicts(random: Random, problems: number, samples: number, chancesOf: Chances): Arms {
  const chances = repeat(problems, () => chancesOf(random));
  const arm = (side: 0 | 1): Samples =>
    byProblem(problems, (i) => repeat(samples, () => (random() < (chances[i]?.[side] ?? 0) ? 1 : 0)));
  return { baseline: arm(0), candidate: arm(1) };
}

/** Problems that are right with a chance from 20 to 90 %, and with one that is 0 to 10 points higher: 5 points in the mean. */
export const mixed: Chances = (random) => {
  const chance = 0.2 + 0.7 * random();
  return [chance, chance + 0.1 * random()];
};
