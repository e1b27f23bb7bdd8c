import * as z from "zod";
import { limitNames, type LimitName, type SomeLimits } from "../core/limits/limits.ts";
import { samplingSchema, type SamplingParameters } from "../core/trie/sampling.ts";
import type { Logprobs } from "../engine/engine.ts";
import { parseOptions } from "../engine/parse-options.ts";
import { ThreadweaverError } from "../errors.ts";
import { retrySchema, type RetryOptions } from "./calls/retries.ts";
import type { Combine, CombineFunction } from "./fork/template.ts";
import { functionSchema, isFunction, said } from "./function-schema.ts";
import { describe } from "./input.ts";
import { modeSchema, type RunEvent, type RunMode } from "./events.ts";
import { policyOptions, type PolicyOptions } from "./policies/options.ts";
import { decidersFrom } from "./policies/record.ts";
import type { ThreadResult } from "./result.ts";
import type { RecordedRun, Recorder } from "./recorder.ts";

const tokens = z.int().min(1);
/** The options of a run. */
export const optionsSchema = samplingSchema.extend({
  mode: modeSchema.default("fork-join"),
  threadSampling: samplingSchema.optional(),
  stop: z
    .union([
      z
        .string()
        .min(1)
        .transform((one) => [one]),
      z.array(z.string().min(1)).max(64),
    ])
    .default([]),
  seed: z.int().min(0).optional(),
  maxTokens: tokens.optional(),
  maxThreadTokens: tokens.optional(),
  maxCriticalTokens: tokens.optional(),
  maxThreads: z.int().min(1).max(4096).optional(),
  maxForks: z.int().min(1).max(4096).optional(),
  maxDepth: z.int().min(1).max(64).optional(),
  maxCalls: z.int().min(1).max(65_536).optional(),
  timeoutMs: z.number().gt(0).optional(),
  callTimeoutMs: z.number().gt(0).optional(),
  logprobs: z.union([z.boolean(), z.strictObject({ top: z.int().min(1) })]).default(false),
  tree: z.boolean().optional(),
  specialInPrompt: z.enum(["parse", "text"]).optional(),
  templateOptions: z.record(z.string(), z.unknown()).optional(),
  headers: z.record(z.string(), z.string()).optional(),
  extraBody: z.record(z.string(), z.unknown()).optional(),
  metadata: z.record(z.string(), z.unknown()).optional(),
  signal: z.custom<AbortSignal>(isSignal, { error: said("an AbortSignal") }).optional(),
  retry: retrySchema,
  recorder: z.custom<Recorder>(isRecorder, { error: said("an object with a function `input`") }).optional(),
  onEvent: functionSchema<(event: RunEvent) => void>().optional(),
  ...policyOptions,
});

/**
 * Of the sampling parameters only those that are set are sent, so a server applies its model's own defaults for the
 * others (many reasoning models must not be greedy). The embedded engine's defaults are greedy.
 */
export interface RunOptions extends SamplingParameters, PolicyOptions {
  /**
   * `one-pass`: the same prompt, and nothing forks: the model writes the whole format itself. `sequential`: nothing forks, and
   * the model is not told about the format either, so it answers the plain question. The two differ for dialects that have
   * `instructions` only. @defaultValue "fork-join"
   */
  mode?: RunMode | undefined;
  /** For threads, instead of the dialect's own setting for them and of the run's. */
  threadSampling?: SamplingParameters | undefined;
  /** Strings that end the run where main generates one; they are no part of the text. Threads may write them. */
  stop?: string | readonly string[] | undefined;
  /**
   * Every call's seed is derived from it and from the thread's place (`callSeed`), so one number repeats a run.
   * Undefined: a random one (`random` of the runner); it is `seed` of the result.
   */
  seed?: number | undefined;
  /**
   * Generated tokens of the whole run: one pot for all threads. When it is empty, whatever runs is cut.
   * @defaultValue the room in the context
   */
  maxTokens?: number | undefined;
  /** Generated tokens of one thread, those of its own threads not counted. @defaultValue the room in the context */
  maxThreadTokens?: number | undefined;
  /** Generated tokens on the longest chain that leads to a sequence's end. @defaultValue unlimited */
  maxCriticalTokens?: number | undefined;
  /** A fork of more threads than this is refused. @defaultValue the dialect's, else 64 */
  maxThreads?: number | undefined;
  /** Forks of the whole run; of a dialect that spawns inline, each spawn is one. @defaultValue the dialect's, else 32 */
  maxForks?: number | undefined;
  /** Levels of threads below main; the dialect may allow fewer. @defaultValue 16 */
  maxDepth?: number | undefined;
  /** Requests of one sequence. When few are left it starts no more threads. @defaultValue 256 */
  maxCalls?: number | undefined;
  /** Milliseconds that the run may take, from its first request on: then it ends with the text so far. @defaultValue unlimited */
  timeoutMs?: number | undefined;
  /**
   * Milliseconds that one call may take, from its first request on: then its thread ends with the text so far, as one that
   * ran out of tokens. @defaultValue unlimited
   */
  callTimeoutMs?: number | undefined;
  /**
   * Keep the log-probability of each generated token in the tree, with `{ top: n }` those of the n likeliest ones too.
   * @defaultValue false
   */
  logprobs?: Logprobs | undefined;
  /** Whether the result has `tree`: all tokens and who wrote them. @defaultValue whether `logprobs` are asked for */
  tree?: boolean | undefined;
  /** What a control string in `prompt` means. Undefined: such a prompt is refused. */
  specialInPrompt?: "parse" | "text" | undefined;
  /**
   * Values for the model's chat template where messages are rendered, such as `{ enable_thinking: false }` or
   * `{ tools: [...] }`. Which ones it knows stands in the template. Trusted: control strings in them become tokens.
   */
  templateOptions?: Readonly<Record<string, unknown>> | undefined;
  /** Sent with each request of this run to a server, such as a tenant or a trace id; instead of equal ones of the engine. */
  headers?: Readonly<Record<string, string>> | undefined;
  /** Fields of each request's body to a server, such as `{ priority: 1 }`; instead of equal ones of ours. */
  extraBody?: Readonly<Record<string, unknown>> | undefined;
  /** Repeated in the `run-start` event and in the result, for the programs that read those. */
  metadata?: Readonly<Record<string, unknown>> | undefined;
  /** Ends the run; its reason travels with the error. */
  signal?: AbortSignal | undefined;
  /**
   * Whether a call that breaks off, or that the engine is too busy for, is tried again, and how often. It goes on from its
   * last token. `false`: the first failure of a call is final. @defaultValue as `RetryOptions` says
   */
  retry?: RetryOptions | false | undefined;
  /**
   * Takes down all that the run follows from, to replay it or to go on with it: `createTrace` of `threadweaver/trace`
   * gives one that writes a file. @defaultValue none
   */
  recorder?: Recorder | undefined;
  /** Is called with every event that `run.events()` has. If it throws, the run goes on with a warning, and it is not called again. */
  onEvent?: ((event: RunEvent) => void) | undefined;
}

/** Options of a run that is resumed. What determines its text comes from the record. */
export interface ResumeOptions extends Pick<
  RunOptions,
  "headers" | "extraBody" | "signal" | "onEvent" | "recorder" | "retry" | "tree" | keyof PolicyOptions
> {
  /**
   * Of a fork whose results a function joins: that function, or a template in its place. It is needed where the record
   * does not have what the function returned.
   */
  combine?: string | ((results: readonly ThreadResult[]) => string) | undefined;
}

const resumeSchema = optionsSchema
  .pick({
    headers: true,
    extraBody: true,
    signal: true,
    onEvent: true,
    recorder: true,
    retry: true,
    tree: true,
  })
  .extend({
    combine: z.union([z.string(), functionSchema<CombineFunction>()]).optional(),
    policy: policyOptions.policy.unwrap().optional(),
    answer: policyOptions.answer.unwrap().optional(),
    equal: policyOptions.equal.unwrap().optional(),
  });

/** The options of a recorded run, with those that it is resumed with. Throws `invalid_option`. */
export function checkResumeOptions(
  options: ResumeOptions,
  { header }: RecordedRun,
): { options: CheckedOptions; combine: Combine | undefined } {
  const { combine = header.combine, policy, answer, equal, ...own } = parseOptions("resume", resumeSchema, options);
  const deciding = header.deciders === undefined ? {} : decidersFrom(header.deciders, { policy, answer, equal });
  const { mode, stop, sampling, threadSampling, templateOptions, logprobs, metadata, seed, limits } = header;
  const given = { mode, stop, ...sampling, threadSampling, templateOptions, logprobs, metadata, seed };
  const checked = parseOptions("resume", optionsSchema, { ...given, ...deciding, ...optionsOf(limits) });
  return { options: { ...checked, ...own }, combine };
}

export type CheckedOptions = z.output<typeof optionsSchema>;

/** Throws `invalid_option`, naming each option that cannot be used and why. */
export function checkOptions(options: RunOptions): CheckedOptions {
  if (typeof options !== "object" || options === null) {
    throw new ThreadweaverError("invalid_option", `run options are an object, not ${describe(options)}`);
  }
  return parseOptions("run", optionsSchema, options);
}

/** The option that sets each limit of the machine. */
const limitOptions = {
  threads: "maxThreads",
  forks: "maxForks",
  depth: "maxDepth",
  calls: "maxCalls",
  threadTokens: "maxThreadTokens",
  runTokens: "maxTokens",
  criticalTokens: "maxCriticalTokens",
  ms: "timeoutMs",
  callMs: "callTimeoutMs",
} as const satisfies Record<LimitName, keyof RunOptions>;

/** The limits of a run, as the machine calls them. */
export function limitsOf(options: CheckedOptions): SomeLimits {
  return Object.fromEntries(limitNames.map((limit) => [limit, options[limitOptions[limit]]]));
}

/** The other way round. */
function optionsOf(limits: SomeLimits): RunOptions {
  return Object.fromEntries(limitNames.map((limit) => [limitOptions[limit], limits[limit]]));
}

function isRecorder(value: unknown): boolean {
  return typeof value === "object" && value !== null && "input" in value && isFunction(value.input);
}

/** Signals of other realms and polyfills are signals too. */
function isSignal(value: unknown): boolean {
  return (
    typeof value === "object" &&
    value !== null &&
    "aborted" in value &&
    "addEventListener" in value &&
    typeof value.addEventListener === "function"
  );
}
