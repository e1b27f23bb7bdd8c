/**
 * The pure core: the machine of fork-join decoding, the trie of all tokens, dialects, the scanner, measures and format
 * checks. It has no I/O, no clock and no promises. It is for tools that replay, simulate, check or train; applications
 * do not need it.
 *
 * @packageDocumentation
 */
export { step } from "./machine/machine.ts";
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
} from "./machine/state.ts";
export {
  effectSchema,
  inputSchema,
  protocolVersion,
  type Effect,
  type EngineEnding,
  type Input,
  type Usage as CallUsage,
  type Vocabulary,
  type Warning,
  type WarningCode,
} from "./machine/protocol.ts";
export type { Ending, Limit, RunEnding } from "./machine/ending.ts";
export type { MatchAction, StopSpec } from "./machine/stop-spec.ts";
export { defaultLimits, limitsSchema, type LimitName, type Limits, type SomeLimits } from "./limits/limits.ts";

export { builtinFunctions, dialectFromData, dialects } from "./dialects/bundled/index.ts";
export { defineDialect, sequential } from "./dialects/dialect.ts";
export { dialectSchema } from "./dialects/schema.ts";
export type {
  Dialect,
  DialectData,
  DialectDataInput,
  DialectExactness,
  DialectInput,
} from "./dialects/dialect-types.ts";
export type { DialectFunction, DialectFunctions, NamedFunction, TextSource, View } from "./dialects/function-types.ts";
export type {
  ChatContext,
  GivenContext,
  ContinueOrEnd,
  DialectContext,
  DialectPlan,
  DialectTrigger,
  EndOfTextTrigger,
  FixedPlan,
  HostPlan,
  InlinePlan,
  InlineTrigger,
  MarkerTrigger,
  NoTrigger,
  StartTrigger,
  OutlinePlan,
  PrefixContext,
  PromptContext,
  RoundsPlan,
  TextContext,
  ThreadHeader,
  ThreadMessage,
  TriggerGuard,
} from "./dialects/fork-types.ts";
export type { DialectExample, DialectInstructions, PlanForm } from "./dialects/prompted-types.ts";
export type { DialectThread, DialectThreadEnd } from "./dialects/thread-types.ts";
export type {
  AppendJoin,
  ContinueAfter,
  DialectAfter,
  DialectJoin,
  DisplayJoin,
  TurnJoin,
  FillJoin,
  PhaseAfter,
  ReplaceBlockJoin,
  ThreadResultTemplates,
} from "./dialects/join-types.ts";

export type { ChatMessage, Piece, TopLogprob } from "./trie/piece.ts";
export type { KnownSampling, SamplingParameters } from "./trie/sampling.ts";
export { deserializeTrie, serializeTrie, trieSchema, trieVersion, type SerializedTrie } from "./trie/serialize.ts";
export { idsOf, owners, path, textBetween, textOf, type Owned } from "./trie/path.ts";
export { generatedBy, type GeneratedPiece } from "./trie/generated.ts";
export type { PieceColumns } from "./trie/columns.ts";
export type { Maker, Origin, Position, Role, RuntimeReason, Segment, SegmentId, Span, Trie } from "./trie/trie.ts";

export {
  TextScanner,
  literalProgram,
  scanProgram,
  type ScanEntry,
  type ScanEvent,
  type ScanProgram,
} from "./scanner/text-scanner.ts";
export { IdScanner, idProgram, type IdMatch } from "./scanner/id-scanner.ts";
export { PatternError, compilePattern, type CaptureType, type Pattern, type Step } from "./scanner/pattern.ts";

export { JoinPolicies, type Decided, type PoliciesSetup } from "./policies/join-policies.ts";
export { policyDataSchema, policyFrom, type PolicyData } from "./policies/bundled/index.ts";
export type { JoinPolicy, PolicyNeeds, PolicyView, Sibling } from "./policies/policy.ts";

export { accelerationRatio, countTokens, criticalPath, type TokenCounts } from "./measures/tokens.ts";
export { authorsAccelerationRatio, type AuthorsStatistics, type BlockTags } from "./measures/authors-ratio.ts";
export { validateFormat } from "./validation/validate.ts";
export { type FormatProblem } from "./validation/tags.ts";
export {
  ThreadweaverError,
  type ErrorCode,
  type ErrorFacts,
  type ThreadweaverErrorOptions,
  type WaitedFor,
} from "../errors.ts";
