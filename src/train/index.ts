/**
 * Training data that matches inference: what of a run was sampled, in the context in which it was sampled
 * (docs/training.md). Pure: no I/O, no clock, no chance.
 *
 * @experimental The names may change until trainers have used it.
 * @packageDocumentation
 */
export { trajectoryOfResult, type TrainableResult } from "./from-result.ts";
export { trajectoryOfTrace, type Recorded } from "./from-trace.ts";
export type { Trajectory } from "./trajectory.ts";
export { trainingUnits, type TrainingUnit } from "./units.ts";
export { requireRatio } from "./ratio.ts";
export { trainingRows, type RowOptions, type TrainingRow } from "./rows/row.ts";
export { sftRow, type SftRow } from "./rows/sft.ts";
export { flatten, type FlatTrie, type FlattenOptions } from "./flat/flatten.ts";
export { flatTrieRow, type FlatTrieRow } from "./flat/json.ts";
export type { Layout } from "./flat/tree.ts";
export { verifiersTrace } from "./verifiers/trace.ts";
export type { VerifiersCall, VerifiersLink, VerifiersNode, VerifiersTrace } from "./verifiers/schema.ts";
export { authorsReward, type AuthorsRewardOptions } from "./rewards/authors.ts";
export { meanCentred } from "./rewards/advantage.ts";
export { scoreGroup, type GroupOptions, type Scored, type ScoredGroup } from "./rewards/group.ts";
export { lengthPenalties, type LengthPenaltyOptions } from "./rewards/length-penalty.ts";
export { pathPenalty, reward, type Judged, type PathPenaltyOptions, type RewardOptions } from "./rewards/reward.ts";
export { TextProblem, trajectoryOfText, type TextOptions } from "./text/parse.ts";
export type { TextTokenizer } from "./text/tokenizer.ts";
