import type { Bounded } from "../statistics/interval.ts";
import { pairOf } from "../summary/pair.ts";
import type { PairSummary } from "../summary/pair-summary.ts";
import { checkIntervals, type SummaryIntervals } from "../summary/summarize.ts";
import type { ArmSummary, Summary } from "../summary/summary.ts";
import { settingDifferences, type SettingDifference } from "../ledger/settings.ts";

/** Two evaluations side by side, as plain JSON: what differs in how they were made, and what came of it. */
export interface Comparison {
  readonly type: "comparison";
  readonly version: 1;
  /** Empty for two runs of one evaluation. */
  readonly settings: readonly SettingDifference[];
  /** Whether both asked the same problems. If not, problems of one name may be different ones. */
  readonly sameProblems: boolean;
  readonly arms: {
    readonly shared: readonly ComparedArm[];
    readonly onlyA: readonly string[];
    readonly onlyB: readonly string[];
  };
  /** B against A (the baseline), for each arm that both have, on the problems that both have samples of. */
  readonly pairs: readonly PairSummary[];
}

/** An arm of both, each side over all of its own problems. */
export interface ComparedArm {
  readonly name: string;
  readonly a: ArmGlance;
  readonly b: ArmGlance;
}

/** The most important numbers of an arm. */
export interface ArmGlance extends Pick<ArmSummary, "problems" | "samples" | "truncated" | "cutThreads" | "failures"> {
  readonly accuracy: Bounded | undefined;
  readonly criticalPath: Bounded | undefined;
}

/**
 * Compares two evaluations arm by arm: arms of the same name are paired problem by problem.
 *
 * @throws `invalid_option` if an option cannot be used.
 * @experimental
 */
export function compareSummaries(a: Summary, b: Summary, intervals: SummaryIntervals = {}): Comparison {
  checkIntervals(intervals);
  const others = new Map(b.arms.map((arm) => [arm.name, arm]));
  const both = a.arms.flatMap((arm) => {
    const other = others.get(arm.name);
    return other === undefined ? [] : [{ name: arm.name, a: arm, b: other }];
  });
  const shared = new Set(both.map(({ name }) => name));
  const without = ({ arms }: Summary): string[] => arms.map(({ name }) => name).filter((name) => !shared.has(name));
  return {
    type: "comparison",
    version: 1,
    settings: settingDifferences(a.header, b.header),
    sameProblems: a.header.dataset.digest === b.header.dataset.digest,
    arms: {
      shared: both.map((arm) => ({ name: arm.name, a: glance(arm.a), b: glance(arm.b) })),
      onlyA: without(a),
      onlyB: without(b),
    },
    pairs: both.map((arm) => pairOf(arm.a, arm.b, intervals)),
  };
}

function glance({ accuracy, criticalPath, ...arm }: ArmSummary): ArmGlance {
  const { problems, samples, truncated, cutThreads, failures } = arm;
  const bounded = accuracy && { value: accuracy.value, interval: accuracy.interval };
  return { problems, samples, truncated, cutThreads, failures, accuracy: bounded, criticalPath };
}
