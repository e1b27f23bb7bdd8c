/**
 * For evaluations that can be published (docs/evaluate.md, docs/evaluation.md). Datasets: problems from files or from this
 * package. Evaluations: every problem by every arm, into a ledger that can be gone on with. Numbers: accuracy, votes and
 * speed-ups, each with what it is an estimate of, and how sure it is; chance is drawn from a generator that may be given.
 *
 * @experimental The names may change until the evaluation is whole.
 * @packageDocumentation
 */
export type { AnswerForm, Columns } from "./datasets/columns.ts";
export { loadDataset, type Dataset, type DatasetOptions } from "./datasets/load.ts";
export { datasets, type NamedDataset } from "./datasets/named.ts";
export type { Problem, Skipped } from "./datasets/problem.ts";
export type { FieldValue, Selection } from "./datasets/select.ts";
export { armKinds } from "./arms/arm.ts";
export type { Endpoint } from "./arms/endpoint.ts";
export { evaluate, type Earlier, type EvaluateOptions, type SampleTrace } from "./evaluate.ts";
export { planEvaluation, type Evaluation, type EvaluationOptions } from "./plan.ts";
export { protocolOf, protocols } from "./protocol/presets.ts";
export type { LimitKind, Protocol } from "./protocol/protocol.ts";
export type { ArmInfo, EndpointInfo, Header } from "./ledger/header.ts";
export { Ledger, type LedgerOptions } from "./ledger/ledger.ts";
export { LedgerReader, type Damaged, type LedgerLine } from "./ledger/reader.ts";
export type { Sample, SampleFailure, SampleKey } from "./ledger/sample.ts";
export { adviseOn, type Advice } from "./verify/advice.ts";
export { compareSummaries } from "./compare/compare.ts";
export type { ArmGlance, ComparedArm, Comparison } from "./compare/compare.ts";
export { comparisonMarkdown } from "./compare/markdown.ts";
export type { SettingDifference } from "./ledger/settings.ts";
export { htmlReport } from "./report/html/page.ts";
export type { Asked } from "./report/inspect-sample.ts";
export { inspectLog, inspectLogName, type InspectOptions } from "./report/inspect.ts";
export { markdownReport } from "./report/markdown.ts";
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
export type { PairedLatencies, PairSummary, SpeedUpSummary } from "./summary/pair-summary.ts";
export { summarize, type SummaryIntervals, type SummaryOptions } from "./summary/summarize.ts";
export type {
  AnswerCounts,
  ArmSummary,
  Counts,
  OfSamples,
  Parallelism,
  ProblemSummary,
  Share,
  Summary,
  TokenMeans,
  UndecidedAnswer,
} from "./summary/summary.ts";
