/**
 * Parallel reasoning with language models: a model forks its chain of thought into threads, the threads run side by side
 * on any OpenAI-compatible engine, and what they wrote is spliced back. Start with `createEngine` and `createRunner`.
 *
 * `threadweaver/core` has the machine and the trie, `threadweaver/engine` what an engine is, `threadweaver/llama` one in
 * this process, `threadweaver/grade` the comparison of answers, `threadweaver/testing` fake servers.
 *
 * @packageDocumentation
 */
import { complaintAboutNode } from "./node-version.ts";

export { createRunner, type Runner, type RunnerOptions } from "./run/runner.ts";
export type { ListenOptions, Run } from "./run/run.ts";
export type { RunOptions } from "./run/options.ts";
export type { RunInput, RunMessage } from "./run/input.ts";
export type { ForkBranch, ForkOptions } from "./run/fork/options.ts";
export type { BatchOptions, BatchOutcome, BatchProblem } from "./run/batch/options.ts";
export type { BatchPause } from "./run/calls/health.ts";
export { problemSeed } from "./run/batch/seed.ts";
export type { RetryOptions } from "./run/calls/retries.ts";
export type {
  CallResult,
  ResultWithTree,
  RunResult,
  RunSummary,
  RunTree,
  RunWarning,
  ThreadResult,
  Usage,
} from "./run/result.ts";
export type { FinishReason } from "./core/machine/ending.ts";
export { eventSchema, type RunEvent, type RunMode } from "./run/events.ts";
export { createClock, type Clock } from "./run/clock.ts";
export { callSeed } from "./run/calls/seed.ts";
export { ThreadweaverError } from "./run/failure.ts";
export type { ErrorCode } from "./errors.ts";

export { createEngine, probeServer, type CreateEngineOptions } from "./engine/openai.ts";
export type { Engine } from "./engine/engine.ts";

export {
  apr,
  asyncthink,
  dcCot,
  multiverse,
  npr,
  parallelR1,
  skeleton,
  threadweaver,
  threadweaverConclusion,
} from "./core/dialects/bundled/index.ts";
export { defineDialect } from "./core/dialects/dialect.ts";
export type { Dialect, DialectInput } from "./core/dialects/schema.ts";
export { validateFormat } from "./core/validation/validate.ts";

// An older Node would break off later, at something that it does not have, and name only that.
const complaint = complaintAboutNode(process.versions.node);
if (complaint !== undefined) throw new Error(complaint);
