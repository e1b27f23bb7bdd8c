import { refuse } from "./refuse.ts";
import { pairUp, verdict, type Arms } from "./samples.ts";

/** Where two arms differ, with one sample a problem. */
export interface McNemar {
  /** Problems that only the baseline has right. */
  readonly onlyBaseline: number;
  /** Problems that only the candidate has right. */
  readonly onlyCandidate: number;
  /** How likely a split at least this uneven is if neither arm is better: two-sided, exact. */
  readonly p: number;
}

/**
 * McNemar's exact test: a sign test on the problems whose verdicts differ.
 *
 * @throws `invalid_option` if a verdict is not 0 or 1, a problem has not exactly one sample, or the arms differ in problems.
 * @experimental
 */
export function mcnemar(arms: Arms): McNemar {
  const pairs = pairUp(arms, verdict);
  for (const arm of ["baseline", "candidate"] as const) {
    const several = Object.entries(arms[arm]).find(([, values]) => values.length !== 1);
    if (several === undefined) continue;
    const [name, values] = several;
    const remedy = "Use pairedDifference for several samples a problem.";
    refuse(`${arm}[${JSON.stringify(name)}].length`, values.length, "1, one sample a problem", remedy);
  }
  const count = (right: "baseline" | "candidate", wrong: "baseline" | "candidate"): number =>
    pairs.filter((pair) => pair[right][0] === 1 && pair[wrong][0] === 0).length;
  const onlyBaseline = count("baseline", "candidate");
  const onlyCandidate = count("candidate", "baseline");
  return { onlyBaseline, onlyCandidate, p: signTest(onlyBaseline, onlyCandidate) };
}

/** Twice the lower tail of a binomial with equal chances, summed in logarithms: 0.5 to the power of the trials may vanish. */
function signTest(one: number, other: number): number {
  const trials = one + other;
  let logTerm = -trials * Math.LN2;
  let tail = 0;
  for (let i = 0; i <= Math.min(one, other); i += 1) {
    tail += Math.exp(logTerm);
    logTerm += Math.log((trials - i) / (i + 1));
  }
  return Math.min(1, 2 * tail);
}
