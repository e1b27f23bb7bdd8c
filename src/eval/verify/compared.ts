import type { Bounded, Interval } from "../statistics/interval.ts";
import { pairOf } from "../summary/pair.ts";
import type { ArmSummary, Summary } from "../summary/summary.ts";

/** Fork-join against one baseline, all of it measured. */
export interface Compared {
  readonly baseline: ArmSummary;
  /** Candidate less baseline. */
  readonly difference: Measured;
  /** How many times as fast fork-join is by the clock. */
  readonly speed: Measured;
  /** The same in tokens on the critical path. */
  readonly path: Bounded | undefined;
}

interface Measured extends Bounded {
  readonly interval: Interval;
}

/** Fork-join, and what it is held against. */
export interface Comparisons {
  readonly forkJoin: ArmSummary;
  /** The summary's baseline first. Then one-pass, where there is one: it shows what the format gains without threads. */
  readonly against: readonly [Compared, ...Compared[]];
}

/** Undefined where there are too few samples. */
export function comparisonsIn(summary: Summary): Comparisons | undefined {
  const forkJoin = summary.arms.find(({ kind }) => kind === "fork-join");
  const baseline = summary.arms.find(({ name }) => name === summary.baseline);
  if (forkJoin === undefined || baseline === undefined || baseline === forkJoin) return undefined;
  const onePass = summary.arms.find(
    (arm) => arm.kind === "one-pass" && arm.endpoint === forkJoin.endpoint && arm !== baseline,
  );
  const first = compare(baseline, forkJoin, summary);
  const second = onePass && compare(onePass, forkJoin, summary);
  return first && { forkJoin, against: second === undefined ? [first] : [first, second] };
}

function compare(baseline: ArmSummary, forkJoin: ArmSummary, { pairs }: Summary): Compared | undefined {
  const known = pairs.find((pair) => pair.baseline === baseline.name && pair.candidate === forkJoin.name);
  const { difference, milliseconds, criticalPath } = known ?? pairOf(baseline, forkJoin, {});
  const speed = milliseconds.all?.ratioOfMeans;
  if (!isMeasured(difference) || !isMeasured(speed)) return undefined;
  return { baseline, difference, speed, path: criticalPath.all?.ratioOfMeans };
}

function isMeasured(number: Bounded | undefined): number is Measured {
  return number?.interval !== undefined;
}
