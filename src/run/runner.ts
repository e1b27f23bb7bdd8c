import * as z from "zod";
import { dialects } from "../core/dialects/bundled/index.ts";
import { hostAttempts } from "../core/dialects/host-attempts.ts";
import { hostFork } from "../core/dialects/host-fork.ts";
import type { Dialect } from "../core/dialects/schema.ts";
import { checkPolicies, type Decidable } from "../core/policies/check.ts";
import type { Engine } from "../engine/engine.ts";
import { parseOptions } from "../engine/parse-options.ts";
import { ThreadweaverError } from "../errors.ts";
import { withVotes } from "./attempts/attempts-run.ts";
import { checkAttempts, type AttemptsOptions } from "./attempts/options.ts";
import type { AttemptsResult } from "./attempts/result.ts";
import { Batch } from "./batch/batch.ts";
import { checkBatch, type BatchOptions, type BatchOutcome, type BatchProblem } from "./batch/options.ts";
import type { EngineHealth } from "./calls/health.ts";
import { drawSeed } from "./calls/seed.ts";
import { Slots } from "./calls/slots/slots.ts";
import { createClock, type Clock } from "./clock.ts";
import { noCombine } from "./fork/combine.ts";
import { checkFork, type ForkBranch, type ForkOptions } from "./fork/options.ts";
import { RunLoop } from "./loop.ts";
import { functionSchema } from "./function-schema.ts";
import { checkOptions, checkResumeOptions, type ResumeOptions, type RunOptions } from "./options.ts";
import { describe, type RunInput } from "./input.ts";
import type { Observe } from "./observe.ts";
import type { RecordedRun } from "./recorder.ts";
import type { ResultWithTree } from "./result.ts";
import { dialectOf, inputsBeforeInterruption, needsCombine } from "./resume.ts";
import { Run } from "./run.ts";

export interface RunnerOptions {
  /** What continues sequences: `await createEngine(…)` or `await llamaEngine(…)`. */
  engine: Engine;
  /**
   * The format that the model was trained on: a bundled dialect, its name, or what `defineDialect` gives. `run` needs one.
   */
  dialect?: Dialect | string | undefined;
  /** Requests at once, over all runs of this runner. @defaultValue what the engine takes, else 64 */
  concurrency?: number | undefined;
  /** All that runs know of time. @defaultValue createClock() */
  clock?: Clock | undefined;
  /**
   * Watches every run of this runner, those of batches too: `telemetry()` of `threadweaver/otel`, `logRuns()` of
   * `threadweaver/observe`, or a function of your own. @defaultValue none
   */
  observe?: Observe | readonly Observe[] | undefined;
  /** Names a run for the engine. @defaultValue crypto.randomUUID */
  createId?: (() => string) | undefined;
  /** From 0 to below 1: the seeds of runs that name none. @defaultValue Math.random */
  random?: (() => number) | undefined;
}

export interface Runner {
  /**
   * Starts a run at once. Throws only for options that cannot be used; everything else rejects `result`.
   *
   * @example
   * ```ts
   * const run = runner.run({ messages: [{ role: "user", content: "Plan a trip." }] });
   * for await (const text of run.textStream) process.stdout.write(text);
   * const { content, complete } = await run.result;
   * ```
   */
  run(input: RunInput, options: RunOptions & { tree: true }): Run<ResultWithTree>;
  run(input: RunInput, options?: RunOptions): Run;
  /**
   * Starts a fork that the program plans: each branch goes on from the same messages or prompt, side by side. No dialect
   * is needed, and any model and engine will do. The result's `threads` are the branches, in their order.
   *
   * With `join: { combine }` the model goes on after the results: what `combine` makes of them is a turn of the user
   * (after a prompt: text), and the text of the result is what the model writes then. Otherwise that text is empty.
   *
   * Throws only for branches and options that cannot be used; everything else rejects `result`. If `combine` throws, the
   * run fails, and has all branches as `partial`.
   *
   * @example
   * ```ts
   * const messages = [{ role: "user", content: contract }];
   * const branches = [{ ask: "Who are the parties?" }, { ask: "When does it end?" }];
   * const { threads } = await runner.fork({ messages }, branches).result;
   * ```
   */
  fork(input: RunInput, branches: readonly ForkBranch[], options: ForkOptions & { tree: true }): Run<ResultWithTree>;
  fork(input: RunInput, branches: readonly ForkBranch[], options?: ForkOptions): Run;
  /**
   * Makes several attempts at one question, side by side, and counts the votes for their answers. A policy decides which
   * attempts are cut before they end. No dialect is needed, and any model and engine will do. They differ by their seeds,
   * so the temperature must not be 0.
   *
   * Throws only for options that cannot be used; everything else rejects `result`.
   *
   * @example
   * ```ts
   * const messages = [{ role: "user", content: "What is 17 * 23? Put the answer into \\boxed{}." }];
   * const { answer, votes } = await runner.attempts({ messages }, { count: 5, policy: quorum(3), temperature: 0.7 }).result;
   * ```
   */
  attempts(input: RunInput, options: AttemptsOptions): Run<AttemptsResult>;
  /**
   * Goes on with a run whose record ends early: its process was killed, its engine was lost, or it was aborted. What had
   * been generated stays, and each call goes on from its last token. Limits, seed and sampling are those of the record. A
   * run that came to its end gives its result again. That of attempts is an `AttemptsResult`.
   *
   * @throws `invalid_option` for options that cannot be used, for a record in which the run has not begun or whose inputs
   * are not those of one run, and for another dialect of the same name; `invalid_dialect` where the record's dialect needs
   * functions and is not the runner's. Where the engine has another vocabulary, `result` rejects with `invalid_option`.
   */
  resume(recorded: RecordedRun, options?: ResumeOptions): Run;
  /**
   * Runs many problems, some at once, and gives each outcome as soon as it is there: in the order in which they end. Of a
   * source of any length only as much is read as is being run. A problem that fails is an outcome too. Where the engine
   * does not answer, nothing is lost: its calls wait and it is probed. Leaving the loop early cancels what runs.
   *
   * Where the batch itself ends early, the loop throws, after the last outcome: `aborted` by its signal; after
   * `stopAfter` failures in a row the last one's code; or what the source of problems threw.
   *
   * @throws `invalid_option` for options that cannot be used.
   * @example
   * ```ts
   * const problems = [{ id: "a", input: { prompt: "Q: 64*27+14*89\n" } }];
   * for await (const { problem, result, error } of runner.batch(problems, { temperature: 0, concurrency: 32 }))
   *   console.log(problem.id, result?.content ?? error?.message);
   * ```
   */
  batch<P extends BatchProblem>(
    problems: Iterable<P> | AsyncIterable<P>,
    options?: BatchOptions,
  ): AsyncGenerator<BatchOutcome<P>, void, undefined>;
  /** Takes no more runs, and resolves when the last one has settled. The engine stays open: others may use it. */
  close(): Promise<void>;
}

const aFunction = functionSchema<(...args: never[]) => unknown>();
const observeSchema = functionSchema<Observe>();

const optionsSchema = z.strictObject({
  engine: z.custom<Engine>(),
  dialect: z.custom<Dialect | string>().optional(),
  concurrency: z.int().min(1).optional(),
  clock: z.object({ now: aFunction, schedule: aFunction }, "must have now() and schedule(at, wake)").optional(),
  observe: z.union([observeSchema, z.array(observeSchema)]).optional(),
  createId: aFunction.optional(),
  random: aFunction.optional(),
});

/** Binds an engine and a dialect; runs share nothing but the engine's slots. Throws `invalid_option`. */
export function createRunner(options: RunnerOptions): Runner {
  parseOptions("createRunner", optionsSchema, options);
  const { random = Math.random, createId = () => crypto.randomUUID(), clock = createClock() } = options;
  const engine = checkEngine(options.engine);
  const dialect = options.dialect === undefined ? undefined : checkDialect(options.dialect);
  const slots = new Slots(options.concurrency ?? callsOf(engine) ?? 64);
  const observe = [options.observe ?? []].flat();
  const running = new Set<Promise<unknown>>();
  let isClosed = false;

  function run(input: RunInput, options: RunOptions & { tree: true }): Run<ResultWithTree>;
  function run(input: RunInput, options?: RunOptions): Run;
  function run(input: RunInput, runOptions: RunOptions = {}): Run {
    return start(input, runOptions);
  }

  function start(input: RunInput, runOptions: RunOptions, health?: EngineHealth): Run {
    requireOpen();
    if (dialect === undefined) throw new ThreadweaverError("invalid_option", noDialect);
    const checked = checkOptions(runOptions);
    checkPolicies(checked.policy, decidableIn(dialect));
    const loop = new RunLoop({
      engine,
      dialect,
      slots,
      clock,
      random,
      health,
      id: createId(),
      seed: checked.seed ?? drawSeed(random),
      options: checked,
      observe,
    });
    remember(loop);
    return new Run(loop, () => loop.start(input), checked.signal);
  }

  function resume(recorded: RecordedRun, resumeOptions: ResumeOptions = {}): Run {
    requireOpen();
    const { options: checked, combine } = checkResumeOptions(resumeOptions, recorded);
    const own = dialectOf(recorded.header, dialect);
    const count = inputsBeforeInterruption(recorded, own);
    if (count === 0) throw new ThreadweaverError("invalid_option", notBegun);
    if (combine === undefined && needsCombine(recorded, own)) throw new ThreadweaverError("invalid_option", noCombine);
    const { id, seed } = recorded.header;
    const vote = recorded.header.deciders?.vote;
    const shared = { engine, slots, clock, random, observe };
    const loop = new RunLoop({ ...shared, dialect: own, id, seed, options: checked, combine, vote });
    remember(loop);
    const interrupted = { header: recorded.header, inputs: recorded.inputs.slice(0, count) };
    const driver = vote === undefined ? loop : withVotes(loop, { vote, options: checked });
    return new Run(driver, () => loop.resume(interrupted), checked.signal);
  }

  function fork(
    input: RunInput,
    branches: readonly ForkBranch[],
    options: ForkOptions & { tree: true },
  ): Run<ResultWithTree>;
  function fork(input: RunInput, branches: readonly ForkBranch[], options?: ForkOptions): Run;
  function fork(input: RunInput, branches: readonly ForkBranch[], forkOptions: ForkOptions = {}): Run {
    requireOpen();
    const { options: checked, ...planned } = checkFork(branches, forkOptions);
    const loop = new RunLoop({
      ...planned,
      engine,
      slots,
      clock,
      random,
      dialect: hostFork(planned.combine !== undefined),
      id: createId(),
      seed: checked.seed ?? drawSeed(random),
      options: checked,
      observe,
    });
    remember(loop);
    return new Run(loop, () => loop.start(input), checked.signal);
  }

  function attempts(input: RunInput, attemptsOptions: AttemptsOptions): Run<AttemptsResult> {
    requireOpen();
    const checked = checkAttempts(attemptsOptions, engine);
    const { count, options, vote } = checked;
    const seed = options.seed ?? drawSeed(random);
    const loop = new RunLoop({
      vote,
      engine,
      dialect: hostAttempts(count),
      slots,
      clock,
      random,
      id: createId(),
      seed,
      options,
      observe,
    });
    remember(loop);
    return new Run(withVotes(loop, checked), () => loop.start(input), options.signal);
  }

  function batch<P extends BatchProblem>(
    problems: Iterable<P> | AsyncIterable<P>,
    batchOptions: BatchOptions = {},
  ): AsyncGenerator<BatchOutcome<P>, void, undefined> {
    requireOpen();
    const checked = checkBatch(batchOptions);
    return new Batch(problems, { clock, seed: checked.seed ?? drawSeed(random), options: checked, start }).outcomes();
  }

  function remember({ result }: RunLoop): void {
    running.add(result);
    const forget = (): void => void running.delete(result);
    result.then(forget, forget); // so a result that is not awaited causes no unhandled rejection
  }

  function requireOpen(): void {
    if (isClosed) throw new ThreadweaverError("closed", "this runner was closed: create a new one to run more");
  }

  async function close(): Promise<void> {
    isClosed = true;
    await Promise.allSettled(running);
  }

  return { run, fork, attempts, batch, resume, close };
}

const notBegun = "The record ends before the run had begun, so there is nothing to go on with: run it again.";

const noDialect =
  "this runner has no dialect, and a run needs one: createRunner({ engine, dialect: threadweaver }), or the name of the " +
  `format that the model was trained on (bundled are ${Object.keys(dialects).join(", ")})`;

/** What policies decide about in this format. */
function decidableIn({ name, threadKind: kind, plan }: Dialect): Decidable {
  return { kind, what: `the threads of ${name}`, count: plan.source === "fixed" ? plan.count : undefined };
}

/** Throws `invalid_option`, saying what to write instead. */
function checkEngine(engine: unknown): Engine {
  const isThenable = typeof engine === "object" && engine !== null && "then" in engine;
  if (isThenable) {
    throw new ThreadweaverError("invalid_option", "engine is a promise: write `engine: await createEngine(…)`");
  }
  if (isEngine(engine)) return engine;
  throw new ThreadweaverError(
    "invalid_option",
    `engine is ${describe(engine)}; it must be what \`await createEngine(…)\` or \`await llamaEngine(…)\` gives, or an ` +
      "object that implements Engine (complete, tokenizer, contextTokens)",
  );
}

/** Throws `invalid_option` where no call could ever be made. */
function callsOf({ parallelCalls }: Engine): number | undefined {
  if (parallelCalls === undefined || parallelCalls === Infinity) return parallelCalls;
  if (Number.isInteger(parallelCalls) && parallelCalls >= 1) return parallelCalls;
  const message = `parallelCalls of the engine is ${parallelCalls}; it must be a whole number from 1, or undefined where that is not known`;
  throw new ThreadweaverError("invalid_option", message);
}

function isEngine(value: unknown): value is Engine {
  return (
    typeof value === "object" &&
    value !== null &&
    "complete" in value &&
    typeof value.complete === "function" &&
    "tokenizer" in value &&
    typeof value.tokenizer === "object" &&
    "contextTokens" in value &&
    typeof value.contextTokens === "number"
  );
}

/** The dialect that is meant. Throws `invalid_option` where there is none of this name. */
export function checkDialect(dialect: unknown): Dialect {
  const known = Object.keys(dialects).join(", ");
  if (typeof dialect === "string") {
    const found = dialects[dialect];
    if (found !== undefined) return found;
    throw new ThreadweaverError(
      "invalid_option",
      `there is no dialect ${JSON.stringify(dialect)}; bundled are ${known}`,
    );
  }
  if (isDialect(dialect)) return dialect;
  throw new ThreadweaverError(
    "invalid_option",
    `dialect is ${describe(dialect)}; it must be a bundled dialect (${known}), its name, or what defineDialect gives`,
  );
}

function isDialect(value: unknown): value is Dialect {
  return typeof value === "object" && value !== null && "trigger" in value && "join" in value && "context" in value;
}
