/**
 * Fork-join decoding for language models that write spawn and join markers into their own chain of thought.
 * Start with `createRunner`.
 *
 * @packageDocumentation
 */
export { createRunner, type Runner, type RunnerOptions } from "./run/runner.ts";
export type { Run } from "./run/run.ts";
export type { RunInput, RunOptions } from "./run/options.ts";
export type { RunResult, RunTokens, RunWarning, ThreadResult } from "./run/result.ts";
export type { RunEvent, RunMode, ThreadPlace, ThreadSnapshot } from "./run/events.ts";
export { callSeed } from "./run/seed.ts";

export { createEngine, type CreateEngineOptions, type HttpDispatcher } from "./engine/openai.ts";
export type { Codec } from "./engine/tokenizer/codec.ts";
export type { AddedToken, LocalTokenizer } from "./engine/tokenizer/local-tokenizer.ts";
export { probeServer } from "./engine/detect/probe.ts";
export type { CacheMeasurement, ForkCost } from "./engine/detect/measure-cache.ts";
export type { EngineProfile, EngineProfileOverrides } from "./engine/profile.ts";
export type { ServerReport } from "./engine/detect/report.ts";
export type { Marker } from "./engine/detect/server-vocabulary.ts";
export type { ServerEngine } from "./engine/server-engine.ts";
export type { Tier } from "./engine/tier.ts";
export type {
  CompletionEvent,
  CompletionRequest,
  Engine,
  EncodeOptions,
  EngineWarning,
  Sampling,
  Stops,
  Tokenizer,
} from "./engine/engine.ts";

export {
  apr,
  asyncthink,
  builtinFunctions,
  dialectFromData,
  dialects,
  npr,
  parallelR1,
  threadweaver,
  threadweaverConclusion,
} from "./core/dialects/index.ts";
export {
  defineDialect,
  dialectSchema,
  sequential,
  type Dialect,
  type DialectFunction,
  type DialectInput,
  type View,
} from "./core/dialect.ts";

export { step } from "./core/machine.ts";
export {
  createState,
  type Call,
  type CallId,
  type Effect,
  type Ended,
  type EngineEnding,
  type Fork,
  type ForkId,
  type Input,
  type Limits,
  type MachineOptions,
  type Role,
  type Sequence,
  type SequenceId,
  type State,
  type Usage,
  type Vocabulary,
  type Warning,
  type WarningCode,
} from "./core/state.ts";
export type { Meaning, Watch } from "./core/watch.ts";
export type { Ending, Limit, RunEnding } from "./core/ending.ts";
export type { ChatMessage, Piece } from "./core/piece.ts";
export {
  deserializeTrie,
  idsOf,
  owners,
  path,
  serializeTrie,
  textOf,
  type Maker,
  type MissingIds,
  type Origin,
  type Owned,
  type Position,
  type RuntimeReason,
  type Segment,
  type SegmentId,
  type SerializedTrie,
  type Span,
  type Trie,
} from "./core/trie.ts";
export {
  TextScanner,
  literalProgram,
  scanProgram,
  type ScanEntry,
  type ScanEvent,
  type ScanProgram,
} from "./core/scanner.ts";
export { IdScanner, idProgram, type IdMatch } from "./core/id-scanner.ts";
export { PatternError, compilePattern, type CaptureType, type Pattern, type Step } from "./core/pattern.ts";
export {
  accelerationRatio,
  authorsAccelerationRatio,
  countTokens,
  criticalPath,
  type AuthorsStatistics,
  type BlockTags,
  type TokenCounts,
} from "./core/latency.ts";
export { validateFormat, type FormatProblem } from "./core/validate.ts";

export { ThreadweaverError, type ErrorCode, type ThreadweaverErrorOptions } from "./errors.ts";
