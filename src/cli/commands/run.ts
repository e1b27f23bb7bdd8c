import type { RunMode } from "../../run/events.ts";
import type { RunResult } from "../../run/result.ts";
import { createClock } from "../../run/clock.ts";
import { createRunner } from "../../run/runner.ts";
import { createTrace } from "../../trace/writer.ts";
import { adviceForBundledModel, fitsBundledModel } from "../model-card.ts";
import { runInMode } from "../compare.ts";
import { threadweaver } from "../../core/dialects/bundled/index.ts";
import { defaultDialect } from "../default-dialect.ts";
import { chooseEngine, withEngine } from "../engine.ts";
import type { RunFlags } from "../flags/run-flags.ts";
import { inputFor, readGiven, type Given } from "../chat.ts";
import { withTrace } from "../go-on.ts";
import { loadDialectIf } from "../load-dialect.ts";
import { requestsAtOnce, runOptions } from "../run-options.ts";
import { usageError } from "../usage.ts";
import { reportOutcome, warn } from "../view/report.ts";
import { viewFor, watch } from "../view/view.ts";
import type { World } from "../world.ts";
import { attemptsCommand } from "./attempts.ts";
import { batchCommand } from "./batch.ts";

/** The model's chat template ends a message with the line feed that the model was trained on. */
function warnOfMisfit(world: World, { prompt, chat }: Extract<Given, { prompt: string }>): void {
  const sent = chat === "never" ? prompt : `${prompt.trim()}\n`;
  if (!fitsBundledModel(sent)) warn(world, adviceForBundledModel(sent));
}

/** `threadweaver run`: one prompt, or with `--input` a file of them. */
export async function runCommand(flags: RunFlags, positionals: readonly string[], world: World): Promise<number> {
  const { attempts } = flags;
  if (attempts !== undefined) return attemptsCommand({ ...flags, attempts }, positionals, world);
  if (flags.vote !== undefined) throw usageError("--vote is for --attempts.", "run");
  if (flags.policy.length === 0 && (flags.answer ?? flags.equal) !== undefined)
    throw usageError("--answer and --equal are for --attempts, and for a --policy that compares answers.", "run");
  if (flags.input !== undefined || flags.output !== undefined) return batchCommand(flags, positionals, world);
  if (flags.resume)
    throw usageError("--resume is for --input; one run goes on with: threadweaver resume TRACE.", "run");
  if (flags.trace !== undefined && flags.mode === "compare") {
    throw usageError("--trace records one run, and --mode compare makes two.", "run");
  }
  if (flags["no-text"] && flags.trace === undefined) throw usageError("--no-text is for --trace.", "run");
  const named = await loadDialectIf(flags.dialect);
  const choice = chooseEngine(flags, world.env, named ?? threadweaver);
  const given = await readGiven(flags, positionals[0], world);
  if (choice.kind === "llama" && choice.bundled && "prompt" in given) warnOfMisfit(world, given);
  const { trace: path, overwrite } = flags;
  const recorder = path === undefined ? undefined : createTrace(path, { text: !flags["no-text"], overwrite });
  return withTrace(world, { recorder, choice }, async () => {
    const outcome = await withEngine(world, choice, async (engine) => {
      const input = await inputFor(given, flags, engine, world);
      const isChat = input.messages !== undefined;
      const dialect = named ?? (await defaultDialect(engine, { isChat }, world));
      const runner = createRunner({
        engine,
        dialect,
        concurrency: requestsAtOnce(flags, engine),
        clock: createClock(() => world.now()),
        random: () => world.random(),
      });
      const options = runOptions(flags);
      const once = async (mode: RunMode): Promise<RunResult> => {
        const run = runner.run(input, { ...options, mode, signal: world.signal, recorder });
        return watch(run, viewFor(world, flags.json ? "none" : "threads"));
      };
      const outcome = await runInMode(flags.mode, dialect, world.signal, once);
      const { threads } = "text" in outcome ? outcome : outcome.forkJoin;
      const couldFork = flags.mode === "fork-join" || flags.mode === "compare";
      if (dialect.instructions !== undefined && isChat && couldFork && threads.length === 0)
        world.stderr.write("No thread was started: the model answered at once, without a plan.\n");
      return outcome;
    });
    if (flags.json) world.stdout.write(`${JSON.stringify(outcome)}\n`);
    else reportOutcome(world, outcome);
    return outcome;
  });
}
