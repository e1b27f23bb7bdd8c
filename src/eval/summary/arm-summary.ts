import type { ArmInfo } from "../ledger/header.ts";
import { accuracy } from "../statistics/accuracy.ts";
import { boundedMean } from "../statistics/bounded-mean.ts";
import type { Bounded, IntervalOptions } from "../statistics/interval.ts";
import { wallClock } from "../statistics/wall-clock.ts";
import type { ArmData } from "./arm-data.ts";
import { samplesTogether, type Voting } from "./of-samples.ts";
import type { ProblemData } from "./problem-data.ts";
import type { AnswerCounts, ArmSummary, Parallelism, Share, TokenMeans } from "./summary.ts";
import { compareNames, Tally } from "./tally.ts";

/** What numbers are made with. */
export interface Estimating extends Voting {
  readonly intervals: IntervalOptions;
}

/** @param planned samples of a whole evaluation */
export function armSummary(info: ArmInfo, data: ArmData, planned: number, how: Estimating): ArmSummary {
  const { sums } = data;
  const all = [...data.problems.values()].sort((a, b) => compareNames(a.problem, b.problem));
  const problems = all.filter(({ samples }) => samples > 0);
  const byProblem = problems.map((problem) => problem.toSummary());
  const { ofSamples, uncompared } = samplesTogether(problems, how);
  const meanOf = (field: "criticalPath" | "milliseconds"): Bounded | undefined =>
    problems.length === 0
      ? undefined
      : boundedMean(
          byProblem.map((problem) => problem[field]),
          how.intervals,
        );
  return {
    name: info.name,
    kind: info.kind,
    endpoint: info.endpoint,
    problems: problems.length,
    samples: sums.samples,
    planned,
    endedAt: data.ended,
    ...failuresOf(all),
    accuracy: accuracyOf(problems),
    ofSamples,
    answers: answersOf(data, uncompared),
    truncated: { count: sums.truncated, share: part(sums.truncated, sums.samples) },
    cutThreads: { count: sums.cutThreads, share: sums.forks === 0 ? undefined : sums.cutThreads / sums.samples },
    endings: data.endings.toCounts(),
    earlyEnds: data.early.toCounts(),
    tokens: tokensOf(data),
    criticalPath: meanOf("criticalPath"),
    milliseconds: meanOf("milliseconds"),
    wallClock: wallClockOf(data),
    waiting: part(sums.mainWaited, sums.mainWaitedSamples),
    parallelism: parallelismOf(data),
    retries: sums.retries,
    budgetClosed: shareOf(sums.closed, sums.budgets),
    attempts:
      sums.withAttempts === 0
        ? undefined
        : { mean: sums.attempts / sums.withAttempts, savedTokens: sums.savedTokens / sums.withAttempts },
    byProblem,
  };
}

function failuresOf(problems: readonly ProblemData[]): Pick<ArmSummary, "failures" | "recovered"> {
  const failures = new Tally();
  let recovered = 0;
  for (const problem of problems) {
    const found = problem.failures();
    for (const code of found.codes) failures.add(code);
    recovered += found.recovered;
  }
  return { failures: failures.toCounts(), recovered };
}

function accuracyOf(problems: readonly ProblemData[]): ArmSummary["accuracy"] {
  if (problems.length === 0) return undefined;
  return accuracy(Object.fromEntries(problems.map((problem) => [problem.problem, problem.verdicts()])));
}

function answersOf({ sums, why, undecided }: ArmData, uncompared: number): AnswerCounts {
  return { none: { count: sums.none, why: why.toCounts() }, undecided: undecided.toSummary(), uncompared };
}

function tokensOf({ sums }: ArmData): TokenMeans | undefined {
  const { samples, prompt, sent, generated, criticalPath, inThreads, inserted, wasted } = sums;
  if (samples === 0) return undefined;
  return {
    prompt: prompt / samples,
    sent: sent / samples,
    generated: generated / samples,
    criticalPath: criticalPath / samples,
    inThreads: inThreads / samples,
    inserted: inserted / samples,
    wasted: wasted / samples,
  };
}

function wallClockOf({ milliseconds }: ArmData): ArmSummary["wallClock"] {
  const measured = [...milliseconds.toArray()].filter((ms) => ms > 0);
  return measured.length === 0 ? undefined : wallClock({ all: measured });
}

function parallelismOf({ sums }: ArmData): Parallelism {
  return {
    activation: part(sums.forked, sums.samples),
    threadsPerFork: part(sums.threads, sums.forks),
    parallelShare: part(sums.inThreads, sums.generated),
    acceleration: part(sums.acceleration, sums.samples),
    authorsAcceleration: shareOf(sums.authors, sums.authorsSamples),
    wellFormed: shareOf(sums.wellFormed, sums.formatted),
    stragglerIdle: part(sums.waited, sums.worked + sums.waited),
    cached:
      sums.sentWhereKnown === 0 ? undefined : { share: sums.cached / sums.sentWhereKnown, samples: sums.cachedSamples },
  };
}

function part(some: number, all: number): number | undefined {
  return all === 0 ? undefined : some / all;
}

function shareOf(some: number, samples: number): Share | undefined {
  return samples === 0 ? undefined : { share: some / samples, samples };
}
