import { parseArgs } from "node:util";

/** What a soak is asked for. */
export interface SoakOptions {
  /** Runs, at most. */
  runs: number;
  /** Milliseconds after which no run begins any more. */
  ms: number;
  /** All scenarios follow from it. */
  seed: number;
  /** The number of the one run to play. Undefined: all of them. */
  only: number | undefined;
  /** Runs at once. */
  concurrency: number;
}

export const usage = `npm run soak -- [--runs N] [--minutes M] [--seed S] [--only N] [--concurrency C]
  --runs         how many runs, at most (10000)
  --minutes      no run begins after so many minutes (no limit)
  --seed         from which all scenarios are drawn (a random one, which is printed)
  --only         plays one run alone, by its number
  --concurrency  runs at once (16)`;

/** Throws an error with the usage for what cannot be meant. */
export function readOptions(args: readonly string[]): SoakOptions {
  const text = { type: "string" } as const;
  const { values } = parseArgs({
    args: [...args],
    options: { runs: text, minutes: text, seed: text, only: text, concurrency: text },
  });
  const only = values.only === undefined ? undefined : wholeNumber("--only", values.only, 0);
  return {
    runs: wholeNumber("--runs", values.runs ?? "10000", 1),
    ms: values.minutes === undefined ? Infinity : positive("--minutes", values.minutes) * 60_000,
    seed: values.seed === undefined ? Math.floor(Math.random() * 2 ** 31) : wholeNumber("--seed", values.seed, 0),
    only,
    concurrency: wholeNumber("--concurrency", values.concurrency ?? "16", 1),
  };
}

function wholeNumber(name: string, given: string, least: number): number {
  const value = Number(given);
  if (Number.isSafeInteger(value) && value >= least && given.trim() !== "") return value;
  throw new RangeError(`${name} is ${JSON.stringify(given)}; it must be a whole number from ${least} on.`);
}

function positive(name: string, given: string): number {
  const value = Number(given);
  if (value > 0 && value < Infinity) return value;
  throw new RangeError(`${name} is ${JSON.stringify(given)}; it must be a number above 0.`);
}
