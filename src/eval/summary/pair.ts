import type { IntervalOptions } from "../statistics/interval.ts";
import { mcnemar } from "../statistics/mcnemar.ts";
import { mean } from "../statistics/moments.ts";
import { pairedDifference } from "../statistics/paired-difference.ts";
import type { Arms } from "../statistics/samples.ts";
import { speedUp } from "../statistics/speed-up.ts";
import type { PairSummary, PairedLatencies, SpeedUpSummary } from "./pair-summary.ts";
import type { ArmSummary, ProblemSummary } from "./summary.ts";

interface Both {
  readonly problem: string;
  readonly baseline: ProblemSummary;
  readonly candidate: ProblemSummary;
}

/** One arm against another one, from what is known of each problem: means, so both may be of different ledgers. */
export function pairOf(baseline: ArmSummary, candidate: ArmSummary, options: IntervalOptions): PairSummary {
  const others = new Map(candidate.byProblem.map((problem) => [problem.problem, problem]));
  const both: Both[] = baseline.byProblem.flatMap((problem) => {
    const other = others.get(problem.problem);
    return other === undefined ? [] : [{ problem: problem.problem, baseline: problem, candidate: other }];
  });
  const shared = new Set(both.map(({ problem }) => problem));
  const without = ({ byProblem }: ArmSummary): string[] =>
    byProblem.map(({ problem }) => problem).filter((problem) => !shared.has(problem));
  const score = ({ right, samples }: ProblemSummary): number => right / samples;
  const single = both.every((pair) => pair.baseline.samples === 1 && pair.candidate.samples === 1);
  const none = both.length === 0;
  return {
    baseline: baseline.name,
    candidate: candidate.name,
    problems: both.length,
    onlyBaseline: without(baseline),
    onlyCandidate: without(candidate),
    difference: none ? undefined : pairedDifference(armsOf(both, score)),
    mcnemar: none || !single ? undefined : mcnemar(armsOf(both, score)),
    overhead: overheadOf(both),
    criticalPath: latenciesOf(both, "criticalPath", options),
    milliseconds: latenciesOf(both, "milliseconds", options),
  };
}

function latenciesOf(
  both: readonly Both[],
  unit: "criticalPath" | "milliseconds",
  options: IntervalOptions,
): PairedLatencies {
  return {
    all: speedUpOf(both, (problem) => problem[unit], options),
    bothRight: speedUpOf(
      both.filter((pair) => pair.baseline.right > 0 && pair.candidate.right > 0),
      ({ whereRight }) => whereRight?.[unit] ?? 0,
      options,
    ),
  };
}

function speedUpOf(
  both: readonly Both[],
  latency: (problem: ProblemSummary) => number,
  options: IntervalOptions,
): SpeedUpSummary | undefined {
  const measured = both.filter((pair) => latency(pair.baseline) > 0 && latency(pair.candidate) > 0);
  if (measured.length === 0) return undefined;
  return {
    ...speedUp(armsOf(measured, latency), options),
    withoutLatency: both.length - measured.length,
    byProblem: measured.map(({ problem, baseline, candidate }) => ({
      problem,
      ratio: latency(baseline) / latency(candidate),
    })),
  };
}

function overheadOf(both: readonly Both[]): number | undefined {
  const generated = (arm: "baseline" | "candidate"): number => mean(both.map((pair) => pair[arm].generated));
  return both.some((pair) => pair.baseline.generated > 0) ? generated("candidate") / generated("baseline") : undefined;
}

/** One number a problem. */
function armsOf(both: readonly Both[], of: (problem: ProblemSummary) => number): Arms {
  const arm = (name: "baseline" | "candidate"): Arms["baseline"] =>
    Object.fromEntries(both.map((pair) => [pair.problem, [of(pair[name])]]));
  return { baseline: arm("baseline"), candidate: arm("candidate") };
}
