import { type Estimate, estimateOf } from "./estimate.ts";
import { refuse } from "./refuse.ts";
import { checkSamples, verdict, type Samples } from "./samples.ts";

/**
 * pass@k: the chance that one of `k` samples is right, unbiased (`1 - C(n-c, k) / C(n, k)`, Chen et al. 2021), for each
 * problem, then the mean.
 *
 * @throws `invalid_option` if a verdict is not 0 or 1, or a problem has fewer than `k` samples.
 * @experimental
 */
export function passAtK(verdicts: Samples, k: number): Estimate {
  return overCounts(verdicts, k, (samples, right) => 1 - chanceOfAll(samples, samples - right, k));
}

/**
 * pass^k: the chance that all of `k` samples are right, unbiased (`C(c, k) / C(n, k)`), for each problem, then the mean.
 *
 * @throws `invalid_option` if a verdict is not 0 or 1, or a problem has fewer than `k` samples.
 * @experimental
 */
export function passHatK(verdicts: Samples, k: number): Estimate {
  return overCounts(verdicts, k, (samples, right) => chanceOfAll(samples, right, k));
}

/** The chance that `k` of `all`, drawn without putting back, are among the `marked`. */
function chanceOfAll(all: number, marked: number, k: number): number {
  let chance = 1;
  for (let i = 0; i < k && chance > 0; i += 1) chance *= Math.max(0, marked - i) / (all - i);
  return chance;
}

function overCounts(verdicts: Samples, k: number, of: (samples: number, right: number) => number): Estimate {
  const samples = checkSamples(verdicts, verdict, "verdicts");
  checkSubset(k, Object.entries(verdicts));
  return estimateOf(samples.map((values) => of(values.length, values.filter((value) => value === 1).length)));
}

/** @throws `invalid_option` if `k` is no whole number above 0, or a problem has fewer samples. */
export function checkSubset(k: number, problems: readonly (readonly [string, readonly unknown[]])[]): void {
  if (!Number.isInteger(k) || k < 1) refuse("k", k, "a whole number above 0", "Give the number of samples.");
  const few = problems.find(([, samples]) => samples.length < k);
  if (few === undefined) return;
  const [name, samples] = few;
  const expected = `at most ${samples.length}, the number of samples of problem ${JSON.stringify(name)}`;
  refuse("k", k, expected, "Lower k, or take more samples.");
}
