import { ThreadweaverError } from "../../errors.ts";
import { EngineHealth } from "../calls/health.ts";
import type { Clock } from "../clock.ts";
import { abortError, messageOf, sentence } from "../failure.ts";
import type { RunOptions } from "../options.ts";
import type { RunInput } from "../input.ts";
import type { Run } from "../run.ts";
import { Jobs, type Job } from "./jobs.ts";
import type { BatchOutcome, BatchProblem, CheckedBatch } from "./options.ts";
import { problemSeed } from "./seed.ts";

export interface BatchSetup {
  clock: Clock;
  seed: number;
  options: CheckedBatch;
  /** Starts a run whose calls wait together where the engine does not answer. */
  start: (input: RunInput, options: RunOptions, health: EngineHealth) => Run;
}

/** Failures that say nothing of the engine. */
const problemsOwn: ReadonlySet<string> = new Set(["invalid_prompt", "invalid_option", "context_exceeded"]);

/**
 * Many runs, some at once. A run is begun when one of those before it is over and its outcome will soon be read, so what is
 * held in memory does not grow with the number of problems.
 */
export class Batch<P extends BatchProblem> {
  readonly #setup: BatchSetup;
  readonly #jobs: Jobs<P>;
  readonly #health: EngineHealth;
  readonly #cancel = new AbortController();
  readonly #ready: BatchOutcome<P>[] = [];
  #running = 0;
  /** Runs that may be begun although the engine does not answer: its failures may lie in those that run. */
  #extra = 0;
  #failuresInRow = 0;
  #isReading = false;
  /** No problem is left, or none is wanted. */
  #isAtEnd = false;
  /** What it ends with after its last outcome. */
  #error: { error: unknown } | undefined;
  #changed = Promise.withResolvers<void>();

  constructor(problems: Iterable<P> | AsyncIterable<P>, setup: BatchSetup) {
    const { options, clock } = setup;
    this.#setup = setup;
    this.#jobs = new Jobs(problems, options);
    this.#health = new EngineHealth({
      clock,
      stopAfter: options.stopAfter,
      onPause: (pause) => {
        if (pause.failures > 1) this.#extra += 1;
        this.#tell(() => options.onPause?.(pause));
        this.#fill();
      },
      onAnswer: () => {
        this.#extra = 0;
        this.#tell(() => options.onResume?.());
        this.#fill();
      },
    });
  }

  async *outcomes(): AsyncGenerator<BatchOutcome<P>, void, undefined> {
    const { signal } = this.#setup.options;
    const onAbort = (): void => this.#abort(signal?.reason);
    if (signal?.aborted === true) onAbort();
    signal?.addEventListener("abort", onAbort, { once: true });
    try {
      for (;;) {
        this.#fill();
        const outcome = this.#ready.shift();
        if (outcome !== undefined) yield outcome;
        else if (this.#isAtEnd && this.#running === 0 && !this.#isReading) break;
        // oxlint-disable-next-line no-await-in-loop -- outcomes come one after the other
        else await this.#changed.promise;
      }
    } finally {
      signal?.removeEventListener("abort", onAbort);
      await this.#end();
    }
    if (this.#error !== undefined) throw this.#error.error;
  }

  get #hasRoom(): boolean {
    if (this.#isAtEnd || this.#isReading || this.#ready.length >= this.#setup.options.concurrency) return false;
    return this.#health.isPaused ? this.#extra > 0 : this.#running < this.#setup.options.concurrency;
  }

  /** Begins as many runs as there is room for. */
  #fill(): void {
    if (!this.#hasRoom) return;
    this.#isReading = true;
    if (this.#extra > 0) this.#extra -= 1;
    this.#jobs.next().then(
      (job) => {
        this.#isReading = false;
        if (job === undefined) this.#finish();
        else if (!this.#isAtEnd) void this.#make(job);
        this.#fill();
        this.#notify();
      },
      (error: unknown) => {
        this.#isReading = false;
        this.#finish(error);
      },
    );
  }

  async #make(job: Job<P>): Promise<void> {
    this.#running += 1;
    const { problem, index, sample } = job;
    const { seed = this.#setup.seed, ...own } = problem.options ?? {};
    const runSeed = problemSeed(seed, JSON.stringify(problem.id === undefined ? index : problem.id), sample);
    const options = { ...this.#setup.options.run, ...own, seed: runSeed, signal: this.#cancel.signal };
    try {
      const result = await this.#setup.start(problem.input, options, this.#health).result;
      this.#failuresInRow = 0;
      this.#ready.push({ problem, index, sample, result });
    } catch (error) {
      if (!this.#cancel.signal.aborted) this.#failed(job, error);
    }
    this.#running -= 1;
    this.#fill();
    this.#notify();
  }

  #failed({ problem, index, sample }: Job<P>, cause: unknown): void {
    if (!ThreadweaverError.isInstance(cause) || cause.code === "closed") return this.#finish(cause);
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- a run's error has a run's result
    const error = cause as Extract<BatchOutcome<P>, { error: ThreadweaverError }>["error"];
    this.#ready.push({ problem, index, sample, error });
    if (problemsOwn.has(error.code)) return;
    this.#failuresInRow += 1;
    const { stopAfter } = this.#setup.options;
    if (this.#health.lost !== undefined || this.#failuresInRow >= stopAfter) {
      this.#finish(stopError(this.#health.lost ?? error, stopAfter));
    }
  }

  /** Begins no more. What runs comes to its end. */
  #finish(error?: unknown): void {
    this.#isAtEnd = true;
    if (error !== undefined) this.#error ??= { error };
    this.#notify();
  }

  #abort(reason: unknown): void {
    this.#finish(abortError(reason, undefined));
    this.#cancel.abort(reason);
  }

  /** A callback that throws ends the batch. */
  #tell(callback: () => void): void {
    try {
      callback();
    } catch (error) {
      this.#finish(error);
    }
  }

  #notify(): void {
    this.#changed.resolve();
    this.#changed = Promise.withResolvers();
  }

  /** Nothing runs any more when it resolves. */
  async #end(): Promise<void> {
    this.#isAtEnd = true;
    this.#health.close();
    this.#cancel.abort(new Error("the reader of the batch left"));
    // oxlint-disable-next-line no-await-in-loop -- each of them says when it is over
    while (this.#running > 0 || this.#isReading) await this.#changed.promise;
    await this.#jobs.close();
  }
}

function stopError(last: ThreadweaverError, failures: number): ThreadweaverError {
  const message = `The batch was stopped after ${failures} ${failures === 1 ? "failure" : "failures in a row"}, and what had not begun is undone. The last one: ${sentence(messageOf(last))}`;
  return new ThreadweaverError(last.code, message, { retryable: last.retryable, cause: last });
}
