import type { Header } from "../ledger/header.ts";
import type { Accuracy } from "../statistics/accuracy.ts";
import type { Estimate } from "../statistics/estimate.ts";
import type { Bounded } from "../statistics/interval.ts";
import type { Majority } from "../statistics/majority.ts";
import type { WallClock } from "../statistics/wall-clock.ts";
import type { PairSummary } from "./pair-summary.ts";

/**
 * An evaluation in numbers: plain JSON, in which what is undefined is left out. Shares are from 0 to 1, latencies are in
 * milliseconds or in tokens, and a number that nothing was measured for is undefined.
 */
export interface Summary {
  readonly type: "summary";
  readonly version: 1;
  /** What all samples have in common: the dataset, the protocol, the endpoints, the seed. */
  readonly header: Header;
  /** The arm that the others are compared with. */
  readonly baseline: string;
  readonly arms: readonly ArmSummary[];
  /** Every other arm against the baseline. */
  readonly pairs: readonly PairSummary[];
}

/** One arm in numbers. */
export interface ArmSummary {
  readonly name: string;
  readonly kind: Header["arms"][number]["kind"];
  readonly endpoint: string;
  /** Problems with at least one sample. */
  readonly problems: number;
  readonly samples: number;
  /** Samples that a whole evaluation has: problems of the dataset × samples of the protocol. */
  readonly planned: number;
  /** When the last of its samples was over, in milliseconds since 1970. */
  readonly endedAt: number | undefined;
  /** Samples that the engine failed to give, by the code of their last failure. They are no answers and count nowhere else. */
  readonly failures: Counts;
  /** Failures that a later attempt made good. */
  readonly recovered: number;
  readonly accuracy: Accuracy | undefined;
  /** Of k samples: 1, 2, 4, ... and the most that any problem has. Problems with fewer than k samples are left out of k. */
  readonly ofSamples: readonly OfSamples[];
  readonly answers: AnswerCounts;
  /** Samples that a limit ended, of main or of an attempt: they would have been longer. */
  readonly truncated: { readonly count: number; readonly share: number | undefined };
  /** Samples in which a limit ended a thread. `share`: of all samples; undefined where none has threads. */
  readonly cutThreads: { readonly count: number; readonly share: number | undefined };
  /** How main ended, by cause. */
  readonly endings: Counts;
  /** Threads that did not come to their own end, by cause. */
  readonly earlyEnds: Counts;
  /** Means over all samples. */
  readonly tokens: TokenMeans | undefined;
  /** The mean over problems of the mean critical path of their samples, with an interval. */
  readonly criticalPath: Bounded | undefined;
  /** The mean over problems of the mean milliseconds of their samples, with an interval. */
  readonly milliseconds: Bounded | undefined;
  /** Milliseconds of all samples together. */
  readonly wallClock: WallClock | undefined;
  /** Milliseconds of a sample in which main waited for threads or attempts: the mean over samples. */
  readonly waiting: number | undefined;
  readonly parallelism: Parallelism;
  /** Requests that broke off and were made again. */
  readonly retries: number;
  /** Of the arm `budget`: samples whose thinking was closed at the budget, of those that had one. */
  readonly budgetClosed: Share | undefined;
  /** Of attempts: how many there were a sample, and the tokens a sample that cutting saved (an estimate). */
  readonly attempts: { readonly mean: number; readonly savedTokens: number } | undefined;
  /** In the order of their names. */
  readonly byProblem: readonly ProblemSummary[];
}

/** How often each of some names came. */
export type Counts = Readonly<Record<string, number>>;

/** A share, and of how many samples it is one. */
export interface Share {
  readonly share: number;
  readonly samples: number;
}

/** What `k` samples of a problem are worth. */
export interface OfSamples {
  readonly k: number;
  /** The chance that one of them is right. */
  readonly pass: Estimate;
  /** The chance that all of them are right. */
  readonly all: Estimate;
  /** The chance that a vote of them is right. */
  readonly majority: Majority;
}

/** What was found in the texts, and what the grader could not decide. None of it is ever left out of the accuracy. */
export interface AnswerCounts {
  /** Samples in whose text no answer was found, and why. They count as wrong. */
  readonly none: { readonly count: number; readonly why: Counts };
  /** Answers that the grader could not read or decide, which count as wrong unless their text is the reference's. */
  readonly undecided: {
    readonly count: number;
    /** The first 100, by problem and sample. */
    readonly first: readonly UndecidedAnswer[];
  };
  /**
   * Different wrong answers that were not compared with all others of their problem, since it has more than about 30 of them.
   * Equal ones may be several votes, so maj@k may be a little too high.
   */
  readonly uncompared: number;
}

/** An answer for a person to look at. */
export interface UndecidedAnswer {
  readonly problem: string;
  readonly sample: number;
  /** Its first 200 characters. */
  readonly answer: string;
  /** Why it is here: `unreadable`, `undecided`, `too-long` or `work-limit`. */
  readonly decided: string;
}

/** Tokens of one sample, in the mean. */
export interface TokenMeans {
  readonly prompt: number;
  /** Of the contexts of all requests. */
  readonly sent: number;
  readonly generated: number;
  readonly criticalPath: number;
  readonly inThreads: number;
  readonly inserted: number;
  readonly wasted: number;
}

/** What of the work ran side by side. */
export interface Parallelism {
  /** Samples with at least one fork that ran. */
  readonly activation: number | undefined;
  readonly threadsPerFork: number | undefined;
  /** Tokens generated in threads, of all generated tokens. */
  readonly parallelShare: number | undefined;
  /** The mean over samples of the share of generated tokens off the critical path. */
  readonly acceleration: number | undefined;
  /** The mean over samples of the same by the formula of ThreadWeaver's authors, where the format has one. */
  readonly authorsAcceleration: Share | undefined;
  /** Texts that are well-formed, of those that have a format. */
  readonly wellFormed: Share | undefined;
  /** The part of the time of threads in which they waited for the slowest of their fork. */
  readonly stragglerIdle: number | undefined;
  /** Tokens of the contexts that the engine had in its cache, where it says so. */
  readonly cached: Share | undefined;
}

/** One problem in one arm: all that a comparison needs. Means are over its samples. */
export interface ProblemSummary {
  readonly problem: string;
  readonly samples: number;
  readonly right: number;
  readonly generated: number;
  readonly criticalPath: number;
  readonly milliseconds: number;
  /** The same of its right samples. */
  readonly whereRight: { readonly criticalPath: number; readonly milliseconds: number } | undefined;
}
