import { bisect } from "./bisect.ts";
import { effectiveSize } from "./design-effect.ts";
import { normalQuantile } from "./distributions.ts";
import type { Interval } from "./interval.ts";

const z = normalQuantile(0.975);

/** How far two arms disagree, summed over verdicts. */
interface Discordance {
  readonly onlyBaseline: number;
  readonly onlyCandidate: number;
  readonly verdicts: number;
}

/**
 * The interval of the difference of two mean scores of the same problems: Tango's score interval (1998), of as many verdicts
 * as the problems are worth. Never without width, also where the arms never differ.
 *
 * @param scores both of each problem, from 0 to 1
 */
export function tangoInterval(scores: readonly { readonly baseline: number; readonly candidate: number }[]): Interval {
  const count = scores.length;
  const sum = (of: (one: { baseline: number; candidate: number }) => number): number =>
    scores.reduce((total, one) => total + of(one), 0);
  // A sample of each arm, whichever: how often only one of the two is right.
  const onlyBaseline = sum(({ baseline, candidate }) => baseline * (1 - candidate));
  const onlyCandidate = sum(({ baseline, candidate }) => candidate * (1 - baseline));
  const value = (onlyCandidate - onlyBaseline) / count;
  const spread = sum(({ baseline, candidate }) => (candidate - baseline - value) ** 2);
  const most = onlyBaseline + onlyCandidate - count * value ** 2;
  const verdicts = effectiveSize(count, { spread, most });
  const worth = verdicts / count;
  const seen = { onlyBaseline: onlyBaseline * worth, onlyCandidate: onlyCandidate * worth, verdicts };
  return {
    low: bisect(-1, value, (difference) => deviation(seen, difference) > z),
    high: bisect(value, 1, (difference) => deviation(seen, difference) > -z),
    method: "tango",
  };
}

/** How many standard errors lie between what was seen and a difference, if that were the true one. */
function deviation({ onlyBaseline, onlyCandidate, verdicts }: Discordance, difference: number): number {
  const gap = onlyCandidate - onlyBaseline - verdicts * difference;
  // The likeliest share of verdicts that only the baseline has right, if the difference is this one.
  const b = (2 * verdicts + onlyBaseline - onlyCandidate) * difference - onlyBaseline - onlyCandidate;
  const c = -onlyBaseline * difference * (1 - difference);
  const share = (Math.sqrt(Math.max(0, b ** 2 - 8 * verdicts * c)) - b) / (4 * verdicts);
  const squared = verdicts * (2 * share + difference * (1 - difference));
  return squared > 0 ? gap / Math.sqrt(squared) : Math.sign(gap) * Infinity;
}
