/**
 * Rollouts for reinforcement learning: groups of sampled answers to problems whose answers are known, judged, with ids,
 * log-probabilities and weight versions, kept in a ledger that can be gone on with, and turned into training rows with
 * rewards and advantages (docs/loop.md).
 *
 * @experimental The names may change until trainers have used it.
 * @packageDocumentation
 */
export type { RolloutOptions, RolloutProblem } from "./options.ts";
export { rollOut, type Rollout, type RolloutFailure, type RolloutKey } from "./roll-out.ts";
export { wholeDistribution } from "./sampling.ts";
export { groupRows, type RowSetup, type Trainable } from "./group.ts";
export { RolloutLedger, type RolloutLedgerOptions } from "./ledger/ledger.ts";
export type { FailureLine, RolloutHeader, RolloutSettings } from "./ledger/lines.ts";
export { RolloutReader, type RolloutLine } from "./ledger/reader.ts";
export { ledgerRows, ledgerTries, type RolloutTrie } from "./ledger/rows.ts";
export { scoreLedger, type GroupRules, type LedgerScores, type RolloutSummary } from "./ledger/scores.ts";
