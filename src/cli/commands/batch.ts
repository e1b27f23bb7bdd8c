import { resolve } from "node:path";
import { createClock } from "../../run/clock.ts";
import { createRunner } from "../../run/runner.ts";
import { readProblems, type Problem } from "../batch/problems.ts";
import { Progress } from "../batch/progress.ts";
import { solveAll } from "../batch/solve-all.ts";
import { fitsBundledModel } from "../model-card.ts";
import { runInMode } from "../compare.ts";
import { chooseEngine, withEngine } from "../engine.ts";
import { exitCodes } from "../exit-codes.ts";
import type { RunFlags } from "../flags/run-flags.ts";
import { LineFile } from "../line-file.ts";
import { loadDialect } from "../load-dialect.ts";
import { runOptions } from "../run-options.ts";
import { usageError } from "../usage.ts";
import { counted, duration } from "../view/describe.ts";
import { warn } from "../view/report.ts";
import type { World } from "../world.ts";

/** `threadweaver run --input problems.jsonl --output results.jsonl`. */
export async function batchCommand(flags: RunFlags, positionals: readonly string[], world: World): Promise<number> {
  const { input, output } = pathsOf(flags, positionals);
  const dialect = await loadDialect(flags.dialect);
  const choice = chooseEngine(flags, world.env, dialect);
  const problems = await readProblems(input);
  const results = LineFile.open(output, flags);
  try {
    reportBadLines(world, input, problems);
    if (choice.kind === "llama" && choice.bundled) warnOfMisfits(world, problems);
    return await withEngine(world, choice, async (engine) => {
      const runner = createRunner({
        engine,
        dialect,
        clock: createClock(() => world.now()),
        random: () => world.random(),
      });
      const began = world.now();
      const progress = new Progress(world.stderr, () => world.now(), problems.length);
      await solveAll({
        problems,
        concurrency: flags.concurrency,
        results,
        progress,
        signal: world.signal,
        solve: (input, signal) =>
          runInMode(flags.mode, signal, (mode) => runner.run(input, { ...runOptions(flags), mode, signal }).result),
      }).finally(() => progress.end());
      return conclude(world, output, progress, world.now() - began);
    });
  } finally {
    results.close();
  }
}

function pathsOf({ input, output, json, trace }: RunFlags, positionals: readonly string[]): Paths {
  if (input === undefined) throw usageError("--output needs --input: the file of problems.", "run");
  if (output === undefined) throw usageError("--input needs --output: the file for the results.", "run");
  if (positionals.length > 0) throw usageError("A prompt and --input exclude each other.", "run");
  if (json) throw usageError("--json is for one prompt; the lines of --output are JSON anyway.", "run");
  if (trace !== undefined) throw usageError("--trace records one run, and --input makes many.", "run");
  if (resolve(input) === resolve(output)) throw usageError("--input and --output are the same file.", "run");
  return { input, output };
}

interface Paths {
  readonly input: string;
  readonly output: string;
}

function reportBadLines(world: World, path: string, problems: readonly Problem[]): void {
  for (const problem of problems) {
    if ("mistake" in problem) warn(world, `${path}:${problem.line}: ${problem.mistake}`);
  }
}

/** One line for all of them. */
function warnOfMisfits(world: World, problems: readonly Problem[]): void {
  const misfits = problems.filter(
    (problem) => "input" in problem && problem.input.prompt !== undefined && !fitsBundledModel(problem.input.prompt),
  );
  const [first] = misfits;
  if (first === undefined) return;
  warn(
    world,
    `${counted(misfits.length, "prompt")} (line ${first.line} is the first) will hardly be answered: the bundled model ` +
      'knows only "Q: 64*27+14*89\\n", 2 to 4 products of numbers from 11 to 99 and a line feed',
  );
}

function conclude({ signal, stderr }: World, output: string, progress: Progress, ms: number): number {
  const { done, failed, total } = progress;
  const results = done === 0 ? "" : `: see ${output}`;
  const errors = failed === 0 ? "" : `, ${failed} of them failed`;
  const cancelled = signal.aborted ? "Cancelled. " : "";
  stderr.write(`${cancelled}${done} of ${counted(total, "problem")} done in ${duration(ms)}${errors}${results}\n`);
  if (signal.aborted) return exitCodes.interrupted;
  return failed === 0 ? exitCodes.ok : exitCodes.failed;
}
