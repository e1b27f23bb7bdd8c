/**
 * Numbers for evaluations that can be published: accuracy, votes and speed-ups, each with what it is an estimate of, and how
 * sure it is (docs/evaluation.md). No I/O, no clock, no package; chance is drawn from a generator that may be given.
 *
 * @experimental The names may change until the evaluation is whole.
 * @packageDocumentation
 */
export { accuracy, type Accuracy } from "./statistics/accuracy.ts";
export type { Estimate } from "./statistics/estimate.ts";
export type { Bounded, Interval, IntervalMethod, IntervalOptions } from "./statistics/interval.ts";
export { majorityAtK, type Ballots, type Majority, type MajorityOptions } from "./statistics/majority.ts";
export { mcnemar, type McNemar } from "./statistics/mcnemar.ts";
export { pairedDifference, type PairedDifference } from "./statistics/paired-difference.ts";
export { passAtK, passHatK } from "./statistics/pass-at.ts";
export { seededRandom, type Random } from "./statistics/random.ts";
export type { Arms, Samples } from "./statistics/samples.ts";
export { speedUp, type SpeedUp } from "./statistics/speed-up.ts";
export { wallClock, type WallClock } from "./statistics/wall-clock.ts";
