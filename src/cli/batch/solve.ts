import type { BatchOptions, BatchOutcome, BatchProblem } from "../../run/batch/options.ts";
import type { RunMode } from "../../run/events.ts";
import type { RunInput } from "../../run/input.ts";
import type { Runner } from "../../run/runner.ts";
import { warn } from "../view/report.ts";
import type { World } from "../world.ts";
import type { EarlierResults } from "./earlier.ts";
import type { Input } from "./input.ts";
import { digestOf, type BadLine, type Problem } from "./problems.ts";
import type { Progress } from "./progress.ts";
import type { LineSink } from "../../files/line-file.ts";
import { answerOf, comparisonOf, hasFailed, mistakeOf, resultLine, type Answer } from "./result-line.ts";
import type { BatchSettings } from "./settings.ts";
import type { Totals } from "./totals.ts";

export interface BatchJob {
  readonly world: World;
  readonly runner: Runner;
  readonly input: Input;
  /** What the engine is given for what stands in a line. */
  readonly asInput: (input: RunInput) => RunInput;
  /** What is there already. */
  readonly earlier: EarlierResults | undefined;
  readonly results: LineSink;
  readonly settings: BatchSettings;
  /** More than one: each problem is run in each, and compared. */
  readonly modes: readonly RunMode[];
  readonly samples: number;
  readonly concurrency: number;
  readonly stopAfter: number;
  readonly tree: boolean;
  readonly options: BatchOptions;
  readonly progress: Progress;
  readonly totals: Totals;
  /** Aborted: nothing more begins, and what runs comes to its end. */
  readonly ending: AbortSignal;
}

/** A problem in one of the modes. */
interface Task extends BatchProblem {
  readonly problem: Problem;
  readonly mode: RunMode;
}

/** By problem and sample, what each mode gave. */
type Compared = Map<string, Map<RunMode, ReturnType<typeof answerOf>>>;

/** Runs many problems, and writes a line for each as it is finished. Throws where the batch ends early. */
export async function solveAll(job: BatchJob): Promise<void> {
  const { runner, earlier, samples, concurrency, stopAfter, progress, ending, world } = job;
  /** Of a comparison, what its first runs gave. */
  const compared: Compared = new Map();
  const outcomes = runner.batch(tasksOf(job), {
    ...job.options,
    samples,
    concurrency,
    stopAfter,
    signal: world.signal,
    skip: (task, sample) => ending.aborted || earlier?.has({ id: task.id }, sample) === true,
    onPause: (pause) => progress.pause(pause, stopAfter),
    onResume: () => progress.goOn(),
  });
  for await (const outcome of outcomes) {
    const { problem } = outcome.problem;
    const answer = answerTo(outcome, job, compared);
    if (answer === undefined) continue;
    const batch = { problem: digestOf(problem), ...job.settings };
    const sample = samples === 1 ? undefined : outcome.sample;
    await write(job, answer, resultLine(problem, answer, { sample, batch }));
  }
}

async function* tasksOf(job: BatchJob): AsyncGenerator<Task> {
  const { input, asInput, modes, samples, earlier, progress, ending, settings, world } = job;
  let isWarned = false;
  for await (const problem of input.read()) {
    if (ending.aborted) return;
    if (problem.mistake !== undefined) {
      await writeMistake(job, problem);
      continue;
    }
    if (problem.model !== undefined && problem.model !== settings.model && !isWarned) {
      isWarned = true;
      warn(world, `line ${problem.line} names the model ${problem.model}; what answers here is ${settings.model}`);
    }
    const { id, input: given, options } = problem;
    const left = Array.from({ length: samples }, (_, n) => n).filter((n) => earlier?.has(problem, n) !== true).length;
    if (left > 0) progress.begin(left);
    for (const each of modes)
      yield { id, input: asInput(given), options: { ...options, mode: each }, problem, mode: each };
  }
}

/** Undefined where another mode is not over yet. */
function answerTo(outcome: BatchOutcome<Task>, job: BatchJob, compared: Compared): Answer | undefined {
  const answer = answerOf(outcome, job);
  if (job.modes.length === 1) return answer;
  const key = `${outcome.problem.problem.line} ${outcome.sample}`;
  const byMode = compared.get(key) ?? new Map<RunMode, typeof answer>();
  byMode.set(outcome.problem.mode, answer);
  if (byMode.size < job.modes.length) {
    compared.set(key, byMode);
    return undefined;
  }
  compared.delete(key);
  return comparisonOf(byMode);
}

async function writeMistake(job: BatchJob, problem: BadLine): Promise<void> {
  // A file was checked before, and its bad lines have been reported.
  if (!job.input.isFile) warn(job.world, `${job.input.name}:${problem.line}: ${problem.mistake}`);
  job.progress.begin(1);
  const answer = mistakeOf(problem);
  await write(job, answer, resultLine(problem, answer, { sample: undefined, batch: { problem: "", ...job.settings } }));
}

async function write({ results, totals, progress }: BatchJob, answer: Answer, line: object): Promise<void> {
  await results.write(line);
  totals.add(answer);
  progress.finish({ failed: hasFailed(answer) });
}
