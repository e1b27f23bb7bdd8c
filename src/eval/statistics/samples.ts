import { refuse } from "./refuse.ts";

/** The numbers of each problem by its name: one a sample, scores or latencies. */
export type Samples = Readonly<Record<string, readonly number[]>>;

/** Two ways to answer the same problems. */
export interface Arms {
  /** What is compared with, such as the sequential arm. */
  readonly baseline: Samples;
  /** What is judged, such as the fork-join arm. */
  readonly candidate: Samples;
}

/** One problem of both arms. */
export interface Pair {
  readonly baseline: readonly number[];
  readonly candidate: readonly number[];
}

/** What a sample may be. */
export interface SampleKind {
  readonly expected: string;
  fits(value: number): boolean;
}

export const score: SampleKind = { expected: "a score from 0 to 1", fits: (value) => value >= 0 && value <= 1 };

export const verdict: SampleKind = { expected: "1 (right) or 0 (wrong)", fits: (value) => value === 0 || value === 1 };

export const latency: SampleKind = {
  expected: "a latency above 0, in tokens or milliseconds",
  fits: (value) => value > 0 && value < Infinity,
};

/**
 * The samples of each problem, checked.
 *
 * @throws `invalid_option` that names the problem and the sample.
 */
export function checkSamples(samples: Samples, kind: SampleKind, place = "samples"): (readonly number[])[] {
  const problems = Object.entries(samples);
  if (problems.length === 0) refuse(place, samples, "at least one problem", "Give the samples of each problem.");
  for (const [name, values] of problems) {
    const at = `${place}[${JSON.stringify(name)}]`;
    if (!Array.isArray(values) || values.length === 0) {
      refuse(at, values, "a list of at least one sample", "Leave the problem out or give its samples.");
    }
    const wrong = values.findIndex((value) => typeof value !== "number" || !kind.fits(value));
    if (wrong !== -1) refuse(`${at}[${wrong}]`, values[wrong], kind.expected, "Correct or leave out the sample.");
  }
  return problems.map(([, values]) => values);
}

/**
 * The problems that both arms answered.
 *
 * @throws `invalid_option` if a sample cannot be used, or a problem is in one arm only.
 */
export function pairUp({ baseline, candidate }: Arms, kind: SampleKind): Pair[] {
  checkSamples(baseline, kind, "baseline");
  checkSamples(candidate, kind, "candidate");
  const lacking = missing(baseline, candidate) ?? missing(candidate, baseline);
  if (lacking !== undefined) {
    const [place, other] = Object.hasOwn(baseline, lacking) ? ["candidate", "baseline"] : ["baseline", "candidate"];
    const expected = `the samples of this problem, which the ${other} has`;
    refuse(`${place}[${JSON.stringify(lacking)}]`, undefined, expected, "Compare arms of the same problems.");
  }
  return Object.entries(baseline).map(([name, values]) => ({ baseline: values, candidate: candidate[name] ?? [] }));
}

function missing(from: Samples, to: Samples): string | undefined {
  return Object.keys(from).find((name) => !Object.hasOwn(to, name));
}
