import { ThreadweaverError } from "../errors.ts";
import type { Clock } from "../run/clock.ts";
import type { Recorder } from "../run/recorder.ts";
import { openEndpoint, type OpenEndpoint } from "./arms/endpoint.ts";
import { runArm } from "./arms/run-arm.ts";
import { gradingOf } from "./arms/score.ts";
import type { ArmInfo } from "./ledger/header.ts";
import type { Sample, SampleFailure, SampleKey } from "./ledger/sample.ts";
import { sourceOfBudget, unitsOf, type Evaluation, type Unit } from "./plan.ts";

export interface EvaluateOptions {
  /** Gets each sample as soon as it is there. What it throws ends the evaluation. */
  readonly onSample: (sample: Sample | SampleFailure) => void;
  /** What an earlier run of the same evaluation has: these samples are not made again. @defaultValue none */
  readonly earlier?: Earlier | undefined;
  /** Whether samples have their text. @defaultValue true */
  readonly text?: boolean | undefined;
  /** Opens the trace of a sample. It is closed when the sample is over. @defaultValue no traces */
  readonly trace?: ((key: SampleKey) => SampleTrace) | undefined;
  /** Ends the evaluation after so many failures in a row, since the engine is lost then. @defaultValue 10 */
  readonly stopAfter?: number | undefined;
  readonly signal?: AbortSignal | undefined;
  /** All that runs know of time. @defaultValue createClock() */
  readonly clock?: Clock | undefined;
}

/** Takes down the run of a sample. */
export interface SampleTrace {
  readonly recorder: Recorder;
  /** As it stands in the sample. */
  readonly path: string;
  close(): Promise<void>;
}

/** The samples that are there. */
export interface Earlier {
  has(key: SampleKey): boolean;
  /** The critical path of a sample that is there. */
  criticalPathOf(key: SampleKey): number | undefined;
}

/**
 * Makes the samples of an evaluation that are not there yet, in the order of `unitsOf`; some problems at once, and the arms
 * of a problem one after the other.
 *
 * @throws `aborted` by its signal; `invalid_option` for an option that no run can take; after `stopAfter` failures in a row the
 * last one's error; what `onSample` throws.
 */
export async function evaluate(evaluation: Evaluation, options: EvaluateOptions): Promise<void> {
  const { header, endpoints } = evaluation;
  const { signal } = options;
  signal?.throwIfAborted();
  const open = await Promise.all(endpoints.map(openEndpoint));
  const work = new Work(evaluation, new Map(open.map((one) => [one.name, one])), options);
  const units = unitsOf(evaluation);
  const worker = async (): Promise<void> => {
    // oxlint-disable-next-line no-await-in-loop -- each worker takes one unit after the other
    for (const unit of units) await work.make(unit);
  };
  await Promise.all(Array.from({ length: header.concurrency }, worker));
  if (work.early !== undefined) throw work.early.error;
}

class Work {
  /** Set when the evaluation is over early: what runs is aborted. */
  early: { error: unknown } | undefined;
  readonly #evaluation: Evaluation;
  readonly #endpoints: ReadonlyMap<string, OpenEndpoint>;
  readonly #options: EvaluateOptions;
  readonly #policyOf: ReturnType<typeof gradingOf>;
  readonly #ending = new AbortController();
  readonly #signal: AbortSignal;
  #failuresInRow = 0;

  constructor(evaluation: Evaluation, endpoints: ReadonlyMap<string, OpenEndpoint>, options: EvaluateOptions) {
    const { signal } = options;
    this.#evaluation = evaluation;
    this.#endpoints = endpoints;
    this.#options = options;
    this.#policyOf = gradingOf(evaluation.protocol);
    this.#signal = signal === undefined ? this.#ending.signal : AbortSignal.any([signal, this.#ending.signal]);
  }

  /** Never rejects. */
  async make(unit: Unit): Promise<void> {
    const paths = new Map<string, number>();
    try {
      for (const arm of unit.arms) {
        if (this.early !== undefined) return;
        const key = { arm: arm.name, problem: unit.problem.id, sample: unit.sample };
        if (this.#options.earlier?.has(key) === true) continue;
        // oxlint-disable-next-line no-await-in-loop -- side by side the arms would take each other's time
        const error = await this.#sample(unit, arm, key, paths);
        if (error !== undefined) throw error;
      }
    } catch (error) {
      this.early ??= { error };
      this.#ending.abort();
    }
  }

  /** Makes one sample. Returns the failure after which nothing more is asked. */
  async #sample(
    unit: Unit,
    arm: ArmInfo,
    key: SampleKey,
    paths: Map<string, number>,
  ): Promise<ThreadweaverError | undefined> {
    const { protocol, now } = this.#evaluation;
    const { clock, text = true, onSample, stopAfter = 10 } = this.#options;
    const { problem, seed } = unit;
    const endpoint = this.#endpoints.get(arm.endpoint);
    if (endpoint === undefined) return undefined; // the plan was checked
    const startedAt = now();
    const place = { ...key, seed, startedAt };
    const budget = this.#budgetOf(unit, arm, paths);
    if (arm.kind === "budget" && budget === undefined) {
      const message = "the fork-join sample that its limit comes from is missing";
      onSample({ type: "failure", ...place, ms: 0, code: "no_budget", message });
      return undefined;
    }
    const policy = this.#policyOf(problem);
    // A sample of the arm `budget` is two runs.
    const trace = arm.kind === "budget" ? undefined : this.#options.trace?.(key);
    const recorder = trace?.recorder;
    const asked = {
      arm,
      endpoint,
      problem,
      protocol,
      policy,
      seed,
      budget,
      signal: this.#signal,
      clock,
      text,
      recorder,
    };
    const made = await runArm(asked)
      .catch((error: unknown) => failureIn(error, key))
      .finally(() => trace?.close());
    if (made instanceof ThreadweaverError) {
      onSample({ type: "failure", ...place, ms: now() - startedAt, code: made.code, message: made.message });
      this.#failuresInRow += 1;
      return this.#failuresInRow >= stopAfter ? made : undefined;
    }
    this.#failuresInRow = 0;
    if (arm.kind === "fork-join") paths.set(arm.name, made.tokens.criticalPath);
    onSample({ type: "sample", ...place, ...made, ...(trace && { trace: trace.path }) });
    return undefined;
  }

  #budgetOf({ problem, sample }: Unit, arm: ArmInfo, paths: ReadonlyMap<string, number>): number | undefined {
    if (arm.kind !== "budget") return undefined;
    const source = sourceOfBudget(arm, this.#evaluation.header.arms);
    if (source === undefined) return undefined;
    const own = paths.get(source.name);
    return own ?? this.#options.earlier?.criticalPathOf({ arm: source.name, problem: problem.id, sample });
  }
}

/** The error of a run that failed. An abort is none, and neither is an option that no run can take: those end all. */
function failureIn(error: unknown, { arm, problem, sample }: SampleKey): ThreadweaverError {
  if (!(error instanceof ThreadweaverError)) throw error;
  const { code, message } = error;
  if (code === "aborted" || code === "closed") throw error;
  if (code !== "invalid_option") return error;
  const place = `Sample ${sample} of problem ${JSON.stringify(problem)} by the arm ${arm}`;
  throw new ThreadweaverError(code, `${place} cannot be made: ${message}`, { cause: error });
}
