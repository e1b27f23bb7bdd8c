import { resolve } from "node:path";
import type { Dialect } from "../../core/dialects/schema.ts";
import type { Engine } from "../../engine/engine.ts";
import { drawSeed } from "../../run/calls/seed.ts";
import { createClock } from "../../run/clock.ts";
import { createRunner } from "../../run/runner.ts";
import { EarlierResults } from "../batch/earlier.ts";
import { checkInput, openInput, type Input, type InputFacts } from "../batch/input.ts";
import { Progress } from "../batch/progress.ts";
import { LineFile, type LineSink } from "../../files/line-file.ts";
import { checkSameSettings, settingsOf } from "../batch/settings.ts";
import { solveAll } from "../batch/solve.ts";
import { streamResults } from "../batch/stream-results.ts";
import { endLines, Totals } from "../batch/totals.ts";
import { asChat } from "../chat.ts";
import { armsOf } from "../compare.ts";
import { chooseEngine, withEngine } from "../engine.ts";
import { exitCodes } from "../exit-codes.ts";
import type { RunFlags } from "../flags/run-flags.ts";
import { threadweaver } from "../../core/dialects/bundled/index.ts";
import { defaultDialect } from "../default-dialect.ts";
import { loadDialectIf } from "../load-dialect.ts";
import { reportError } from "../report-error.ts";
import { requestsAtOnce, runOptions } from "../run-options.ts";
import { usageError } from "../usage.ts";
import { counted } from "../view/describe.ts";
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
  const named = await loadDialectIf(flags.dialect);
  const choice = chooseEngine(flags, world.env, named ?? threadweaver);
  const input = openInput(paths.input, world);
  if (flags.resume && !input.isFile)
    throw usageError("--resume needs an --input that can be read twice: a file.", "run");
  const earlier = flags.resume ? await EarlierResults.read(paths.output) : undefined;
  const { samples } = flags;
  const bundled = choice.kind === "llama" && choice.bundled;
  const facts = input.isFile ? await checkInput(input, world, { samples, earlier, bundled }) : undefined;
  // Proves that it can be written, before an engine is loaded.
  if (paths.output !== "-") LineFile.open(paths.output, flags).close();
  // Side by side, the two modes would take each other's time.
  const concurrency = flags.concurrency ?? (flags.mode === "compare" ? 1 : 4);
  const plan = { flags, world, input, facts, output: paths.output, earlier, concurrency };
  if (facts !== undefined && earlier !== undefined && facts.bad === 0 && earlier.count === facts.lines * samples) {
    world.stderr.write(`All ${earlier.count} results are in ${paths.output} already: there is nothing to run.\n`);
    return exitCodes.ok;
  }
  return withEngine(world, choice, async (engine) => {
    // Prompts of a file are sent as they are, unless the server takes nothing but chats.
    const isChat = engine.tier?.startsWith("chat") === true;
    return runBatch({ ...plan, dialect: named ?? (await defaultDialect(engine, { isChat }, world)) }, engine);
  });
}

async function runBatch(plan: Plan, engine: Engine): Promise<number> {
  const { flags, world, dialect, input, facts, output, earlier, concurrency } = plan;
  const { mode, samples, tree } = flags;
  const { options, settings } = settingsFor(plan, engine);
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
  const all = facts && facts.bad + (facts.lines - facts.bad) * samples;
  const noun = samples === 1 ? "problem" : "run";
  const toRun = all === undefined ? `${noun}s` : counted(all - before, noun);
  const there = before === 0 ? "" : ` (${before} are there)`;
  world.stderr.write(`${toRun}${there}, ${concurrency} at once, with at most ${requests} requests at once\n`);
  const began = world.now();
  const now = (): number => world.now();
  const progress = new Progress({ stream: world.stderr, now, total: all && all - before, concurrency });
  const totals = new Totals();
  const ending = world.grace(flags.grace * 1000);
  const results: LineSink = output === "-" ? streamResults(world.stdout) : LineFile.open(output, flags);
  const stopAfter = flags["stop-after"];
  const how = {
    modes: mode === "compare" ? armsOf(dialect) : [mode],
    samples,
    concurrency,
    stopAfter,
    tree,
    options,
    settings,
  };
  const early = await solveAll({
    world,
    runner,
    input,
    asInput: (given) => asChat(given, engine),
    earlier,
    results,
    ...how,
    progress,
    totals,
    ending,
  })
    .then(
      () => undefined,
      (error: unknown) => ({ error }),
    )
    .finally(() => results.close());
  progress.end();
  if (mode === "compare") world.stderr.write(totals.comparison({ withTimes: concurrency === 1 }));
  const isInterrupted = world.signal.aborted || ending.aborted;
  const isEarly = early !== undefined || isInterrupted;
  if (world.signal.aborted) world.stderr.write("Cancelled. ");
  world.stderr.write(endLines({ totals, total: all, before, ms: world.now() - began, output, isEarly, noun }));
  if (isInterrupted && before + totals.done + totals.failed !== all) return exitCodes.interrupted;
  if (early !== undefined) reportError(world, early.error);
  return early === undefined && totals.failed === 0 ? exitCodes.ok : exitCodes.failed;
}

/** The options of all runs, and what of them stands in the results. Without `--seed`, that of earlier results is used. */
function settingsFor({ flags, world, dialect, output, earlier }: Plan, { model }: Engine) {
  const { seed: given, ...options } = runOptions(flags);
  const known = earlier?.settings;
  const seed = given ?? known?.seed ?? drawSeed(() => world.random());
  const settings = settingsOf({ model, dialect, mode: flags.mode, seed, options });
  if (known !== undefined) checkSameSettings(output, known, settings);
  return { options: { ...options, seed }, settings };
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
  if (flags.raw || flags.system !== undefined || flags.messages !== undefined)
    throw usageError("--raw, --system and --messages are for one prompt; each line of --input says what it is.", "run");
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
