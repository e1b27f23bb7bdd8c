import type { RunMode } from "../../run/events.ts";
import type { RunResult } from "../../run/result.ts";
import { createClock } from "../../run/clock.ts";
import { createRunner } from "../../run/runner.ts";
import { adviceForBundledModel, fitsBundledModel } from "../model-card.ts";
import { runInMode } from "../compare.ts";
import { chooseEngine, withEngine } from "../engine.ts";
import { exitCodes } from "../exit-codes.ts";
import type { RunFlags } from "../flags/run-flags.ts";
import { LineFile } from "../line-file.ts";
import { loadDialect } from "../load-dialect.ts";
import { readPrompt } from "../prompt.ts";
import { runOptions } from "../run-options.ts";
import { Trace } from "../trace.ts";
import { usageError } from "../usage.ts";
import { reportOutcome, warn } from "../view/report.ts";
import { viewFor, watch } from "../view/view.ts";
import type { World } from "../world.ts";
import { batchCommand } from "./batch.ts";

/** `threadweaver run`: one prompt, or with `--input` a file of them. */
export async function runCommand(flags: RunFlags, positionals: readonly string[], world: World): Promise<number> {
  if (flags.input !== undefined || flags.output !== undefined) return batchCommand(flags, positionals, world);
  if (flags.trace !== undefined && flags.mode === "compare") {
    throw usageError("--trace records one run, and --mode compare makes two.", "run");
  }
  const dialect = await loadDialect(flags.dialect);
  const choice = chooseEngine(flags, world.env, dialect);
  const prompt = await readPrompt(positionals[0], world);
  if (choice.kind === "llama" && choice.bundled && !fitsBundledModel(prompt)) {
    warn(world, adviceForBundledModel(prompt));
  }
  const file = flags.trace === undefined ? undefined : LineFile.open(flags.trace, flags);
  try {
    const trace = file === undefined ? undefined : new Trace(file);
    return await withEngine(world, choice, async (engine) => {
      const runner = createRunner({
        engine,
        dialect,
        clock: createClock(() => world.now()),
        random: () => world.random(),
      });
      const options = runOptions(flags);
      const once = async (mode: RunMode): Promise<RunResult> => {
        const run = runner.run({ prompt }, { ...options, mode, signal: world.signal, recorder: trace });
        return watch(run, viewFor(world, flags.json ? "none" : "threads"));
      };
      const outcome = await runInMode(flags.mode, world.signal, once);
      if (flags.json) world.stdout.write(`${JSON.stringify(outcome)}\n`);
      else reportOutcome(world, outcome);
      trace?.finish();
      return world.signal.aborted ? exitCodes.interrupted : exitCodes.ok;
    });
  } finally {
    file?.close();
  }
}
