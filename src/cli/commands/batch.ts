import { resolve } from "node:path";
import type { Dialect } from "../../core/dialects/schema.ts";
import type { Engine } from "../../engine/engine.ts";
import { createClock } from "../../run/clock.ts";
import { createRunner } from "../../run/runner.ts";
import { EarlierResults } from "../batch/earlier.ts";
import { checkInput, openInput, type Input, type InputFacts } from "../batch/input.ts";
import { Progress } from "../batch/progress.ts";
import { ResultFile, type Results } from "../batch/result-file.ts";
import { checkSameSettings, settingsOf } from "../batch/settings.ts";
import { solveAll } from "../batch/solve.ts";
import { streamResults } from "../batch/stream-results.ts";
import { endLine, Totals } from "../batch/totals.ts";
import { chooseEngine, withEngine } from "../engine.ts";
import { exitCodes } from "../exit-codes.ts";
import type { RunFlags } from "../flags/run-flags.ts";
import { loadDialect } from "../load-dialect.ts";
import { reportError } from "../report-error.ts";
import { requestsAtOnce, runOptions } from "../run-options.ts";
import { usageError } from "../usage.ts";
import type { World } from "../world.ts";

/** What is known before the engine is asked for. */
interface Plan {
  readonly flags: RunFlags;
  readonly world: World;
  readonly dialect: Dialect;
  readonly input: Input;
  readonly facts: InputFacts | undefined;
  readonly output: string;
  readonly earlier: EarlierResults | undefined;
  readonly concurrency: number;
}

/** `threadweaver run --input problems.jsonl --output results.jsonl`. */
export async function batchCommand(flags: RunFlags, positionals: readonly string[], world: World): Promise<number> {
  const paths = pathsOf(flags, positionals);
  const dialect = await loadDialect(flags.dialect);
  const choice = chooseEngine(flags, world.env, dialect);
  const input = openInput(paths.input, world);
  if (flags.resume && !input.isFile)
    throw usageError("--resume needs an --input that can be read twice: a file.", "run");
  const earlier = flags.resume ? await EarlierResults.read(paths.output) : undefined;
  const { samples } = flags;
  const bundled = choice.kind === "llama" && choice.bundled;
  const facts = input.isFile ? await checkInput(input, world, { samples, earlier, bundled }) : undefined;
  // Proves that it can be written, before an engine is loaded.
  if (paths.output !== "-") ResultFile.open(paths.output, flags).close();
  // Side by side, the two modes would take each other's time.
  const concurrency = flags.concurrency ?? (flags.mode === "compare" ? 1 : 4);
  const plan: Plan = { flags, world, dialect, input, facts, output: paths.output, earlier, concurrency };
  if (facts !== undefined && earlier !== undefined && facts.bad === 0 && earlier.count === facts.lines * samples) {
    world.stderr.write(`All ${earlier.count} results are in ${paths.output} already: there is nothing to run.\n`);
    return exitCodes.ok;
  }
  return withEngine(world, choice, (engine) => runBatch(plan, engine));
}

async function runBatch(
  { flags, world, dialect, input, facts, output, earlier, concurrency }: Plan,
  engine: Engine,
): Promise<number> {
  const { mode, samples, tree } = flags;
  const { seed: givenSeed, ...options } = runOptions(flags);
  const known = earlier?.settings;
  const seed =
    givenSeed ?? (typeof known?.["seed"] === "number" ? known["seed"] : Math.floor(world.random() * 2 ** 31));
  const settings = settingsOf({ model: engine.model, dialect, mode, seed, options });
  if (known !== undefined) checkSameSettings(output, known, settings);
  await earlier?.dropOthers();
  const requests = requestsAtOnce(flags, engine, concurrency);
  const runner = createRunner({
    engine,
    dialect,
    concurrency: requests,
    clock: createClock(() => world.now()),
    random: () => world.random(),
  });
  const before = earlier?.count ?? 0;
  const total = facts && facts.bad + (facts.lines - facts.bad) * samples;
  const began = world.now();
  world.stderr.write(beginLine(flags, { total, before, concurrency, requests }));
  const progress = new Progress({
    stream: world.stderr,
    now: () => world.now(),
    total: total && total - before,
    concurrency,
  });
  const totals = new Totals();
  const ending = world.grace(flags.grace * 1000);
  const results: Results = output === "-" ? streamResults(world.stdout) : ResultFile.open(output, flags);
  let early: { error: unknown } | undefined;
  try {
    const stopAfter = flags["stop-after"];
    await solveAll({
      world,
      runner,
      input,
      earlier,
      results,
      settings,
      mode,
      samples,
      concurrency,
      stopAfter,
      tree,
      options: { ...options, seed },
      progress,
      totals,
      ending,
    });
  } catch (error) {
    early = { error };
  } finally {
    results.close();
    progress.end();
  }
  const isInterrupted = world.signal.aborted || ending.aborted;
  const isEarly = early !== undefined || isInterrupted;
  if (mode === "compare") {
    const table = totals.comparison({ withTimes: concurrency === 1 });
    if (table.length > 0) world.stderr.write(`${table.join("\n")}\n`);
  }
  world.stderr.write(`${totals.line()}\n`);
  if (world.signal.aborted) world.stderr.write("Cancelled. ");
  const noun = samples === 1 ? "problem" : "run";
  world.stderr.write(endLine({ totals, total, before, ms: world.now() - began, output, isEarly, noun }));
  const isComplete = total !== undefined && before + totals.done + totals.failed === total;
  if (isInterrupted && !isComplete) return exitCodes.interrupted;
  if (early === undefined) return totals.failed === 0 ? exitCodes.ok : exitCodes.failed;
  reportError(world, early.error);
  return exitCodes.failed;
}

interface Beginning {
  readonly total: number | undefined;
  readonly before: number;
  readonly concurrency: number;
  readonly requests: number;
}

function beginLine({ samples }: RunFlags, { total, before, concurrency, requests }: Beginning): string {
  const noun = samples === 1 ? "problems" : "runs";
  const count = total === undefined ? noun : `${total - before} ${noun}`;
  const done = before === 0 ? "" : ` (${before} are there)`;
  return `${count}${done}, ${concurrency} at once, with at most ${requests} requests at once\n`;
}

function pathsOf(
  { input, output, json, trace, resume, overwrite, ...flags }: RunFlags,
  positionals: readonly string[],
): Paths {
  if (input === undefined) throw usageError("--output needs --input: the file of problems.", "run");
  if (output === undefined) throw usageError("--input needs --output: the file for the results.", "run");
  if (positionals.length > 0) throw usageError("A prompt and --input exclude each other.", "run");
  if (json) throw usageError("--json is for one prompt; the lines of --output are JSON anyway.", "run");
  if (trace !== undefined || flags["no-text"])
    throw usageError("--trace records one run, and --input makes many.", "run");
  if (resume && overwrite) throw usageError("--resume and --overwrite exclude each other.", "run");
  if (resume && output === "-") throw usageError("--resume needs an --output that can be read: a file.", "run");
  if (input !== "-" && resolve(input) === resolve(output)) {
    throw usageError("--input and --output are the same file.", "run");
  }
  return { input, output };
}

interface Paths {
  readonly input: string;
  readonly output: string;
}
