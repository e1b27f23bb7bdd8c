/**
 * Fork-join decoding for language models that write spawn and join markers into their own chain of thought.
 * Start with `createRunner`.
 *
 * @packageDocumentation
 */
export { createRunner, type Runner, type RunnerOptions } from "./run/runner.ts";
export type { ListenOptions, Run } from "./run/run.ts";
export { createClock, type Clock } from "./run/clock.ts";
export type { RunInput, RunMessage, RunOptions } from "./run/options.ts";
export type { RunResult, RunSummary, RunWarning, ThreadResult } from "./run/result.ts";
export { eventSchema, eventsVersion, type RunEvent, type RunMode, type ThreadSnapshot } from "./run/events.ts";
export type { ThreadInfo } from "./run/thread-info.ts";
export { callSeed } from "./run/seed.ts";

export { createEngine, type CreateEngineOptions, type HttpDispatcher } from "./engine/openai.ts";
export type { Codec } from "./engine/tokenizer/codec.ts";
export type { AddedToken, LocalTokenizer } from "./engine/tokenizer/local-tokenizer.ts";
export { probeServer } from "./engine/detect/probe.ts";
export type { CacheMeasurement, ForkCost } from "./engine/detect/measure-cache.ts";
export type { EngineProfile } from "./engine/profile.ts";
export type { EngineProfileOverrides } from "./engine/profile-overrides.ts";
export type { ServerReport } from "./engine/detect/report.ts";
export type { Marker } from "./engine/vocabulary.ts";
export type { ServerEngine } from "./engine/server-engine.ts";
export type { Tier } from "./engine/tier.ts";
export type {
  CompletionEvent,
  CompletionRequest,
  Engine,
  Abortable,
  EncodeOptions,
  Logprobs,
  RenderChatOptions,
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
} from "./core/dialects/bundled/index.ts";
export { defineDialect, sequential } from "./core/dialects/dialect.ts";
export {
  dialectSchema,
  type Dialect,
  type DialectFunction,
  type DialectInput,
  type View,
} from "./core/dialects/schema.ts";

export { step } from "./core/machine/machine.ts";
export {
  createState,
  type Call,
  type CallId,
  type FollowUp,
  type Fork,
  type ForkId,
  type MachineOptions,
  type Phase,
  type Sequence,
  type SequenceId,
  type State,
} from "./core/machine/state.ts";
export {
  effectSchema,
  inputSchema,
  protocolVersion,
  type Effect,
  type EngineEnding,
  type Input,
  type Usage,
  type Vocabulary,
  type Warning,
  type WarningCode,
} from "./core/machine/protocol.ts";
export { defaultLimits, limitsSchema, type LimitName, type Limits, type SomeLimits } from "./core/limits/limits.ts";
export { type Role } from "./core/trie/trie.ts";
export type { MatchAction, StopSpec } from "./core/machine/stop-spec.ts";
export type { Ending, Limit, RunEnding } from "./core/machine/ending.ts";
export type { ChatMessage, Piece, TopLogprob } from "./core/trie/piece.ts";
export { deserializeTrie, serializeTrie, trieSchema, trieVersion, type SerializedTrie } from "./core/trie/serialize.ts";
export { idsOf, owners, path, textBetween, textOf, type Owned } from "./core/trie/path.ts";
export type { PieceColumns } from "./core/trie/columns.ts";
export {
  type Maker,
  type Origin,
  type Position,
  type RuntimeReason,
  type Segment,
  type SegmentId,
  type Span,
  type Trie,
} from "./core/trie/trie.ts";
export {
  TextScanner,
  literalProgram,
  scanProgram,
  type ScanEntry,
  type ScanEvent,
  type ScanProgram,
} from "./core/scanner/text-scanner.ts";
export { IdScanner, idProgram, type IdMatch } from "./core/scanner/id-scanner.ts";
export { PatternError, compilePattern, type CaptureType, type Pattern, type Step } from "./core/scanner/pattern.ts";
export { accelerationRatio, countTokens, criticalPath, type TokenCounts } from "./core/measures/tokens.ts";
export { authorsAccelerationRatio, type AuthorsStatistics, type BlockTags } from "./core/measures/authors-ratio.ts";
export { validateFormat } from "./core/validation/validate.ts";
export { type FormatProblem } from "./core/validation/tags.ts";

export { ThreadweaverError, type ErrorCode, type ThreadweaverErrorOptions } from "./errors.ts";
