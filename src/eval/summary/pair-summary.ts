import type { McNemar } from "../statistics/mcnemar.ts";
import type { PairedDifference } from "../statistics/paired-difference.ts";
import type { SpeedUp } from "../statistics/speed-up.ts";

/** One arm against another one, on the problems that both have samples of. */
export interface PairSummary {
  readonly baseline: string;
  readonly candidate: string;
  /** Problems that are compared. */
  readonly problems: number;
  /** Problems that are left out, because the other arm has no sample of them. */
  readonly onlyBaseline: readonly string[];
  readonly onlyCandidate: readonly string[];
  /** In accuracy: candidate less baseline. */
  readonly difference: PairedDifference | undefined;
  /** Where both arms have one sample of every problem. */
  readonly mcnemar: McNemar | undefined;
  /** Mean tokens that the candidate generates, over those of the baseline. */
  readonly overhead: number | undefined;
  /** In tokens on the critical path. */
  readonly criticalPath: PairedLatencies;
  readonly milliseconds: PairedLatencies;
}

/** A speed-up twice: wrong answers are longer, so accuracy and latency are coupled. */
export interface PairedLatencies {
  /** The headline: all samples. */
  readonly all: SpeedUpSummary | undefined;
  /** Right samples only, of problems of which each arm has one. Never report it alone. */
  readonly bothRight: SpeedUpSummary | undefined;
}

/** A speed-up, and what it could not be measured for. */
export interface SpeedUpSummary extends SpeedUp {
  /** Problems that are left out because an arm has a latency of 0 there. */
  readonly withoutLatency: number;
  /** In the order of their names: how much faster the candidate is. */
  readonly byProblem: readonly { readonly problem: string; readonly ratio: number }[];
}
