import { hostFork } from "../../core/dialects/host-fork.ts";
import { createClock } from "../../run/clock.ts";
import { checkFork } from "../../run/fork/options.ts";
import { createRunner } from "../../run/runner.ts";
import { createTrace } from "../../trace/writer.ts";
import { readBranches } from "../branches.ts";
import { inputFor, readGiven } from "../chat.ts";
import { whatThereIs } from "../cancelled.ts";
import { chooseEngine, withEngine } from "../engine.ts";
import type { commands } from "../flags/commands.ts";
import type { Values } from "../flags/flag.ts";
import { withTrace } from "../go-on.ts";
import { requestsAtOnce, runOptions } from "../run-options.ts";
import { usageError } from "../usage.ts";
import { reportOutcome } from "../view/report.ts";
import { viewFor, watch } from "../view/view.ts";
import type { World } from "../world.ts";

type ForkFlags = Values<(typeof commands)["fork"]["flags"]>;

/** `threadweaver fork`: several branches on one trunk, and what the model makes of them. */
export async function forkCommand(flags: ForkFlags, [prompt]: readonly string[], world: World): Promise<number> {
  const { branches: file, combine, messages, trace: path, overwrite } = flags;
  if (file === undefined) throw usageError("fork needs --branches FILE, a JSON object a line.", "fork");
  if (file === "-" && (messages === "-" || prompt === "-")) {
    throw usageError("Only one of the branches and what they go on from can come from stdin.", "fork");
  }
  if (flags["no-text"] && path === undefined) throw usageError("--no-text is for --trace.", "fork");
  const branches = await readBranches(file, world);
  const join = combine === undefined ? ("none" as const) : { combine };
  const options = { ...runOptions({ ...flags, mode: "fork-join" }), join };
  // What is wrong with them is to be said before a model is loaded.
  checkFork(branches, options);
  const choice = chooseEngine(flags, world.env, hostFork(combine !== undefined));
  const given = await readGiven(flags, prompt, world, "fork");
  const recorder = path === undefined ? undefined : createTrace(path, { text: !flags["no-text"], overwrite });
  return withTrace(world, { recorder, choice }, async () => {
    const outcome = await withEngine(world, choice, async (engine) => {
      const runner = createRunner({
        engine,
        concurrency: requestsAtOnce(flags, engine),
        clock: createClock(() => world.now()),
        random: () => world.random(),
      });
      const input = await inputFor(given, flags, engine, world);
      const run = runner.fork(input, branches, { ...options, signal: world.signal, recorder });
      return watch(run, viewFor(world, flags.json ? "none" : "threads")).catch(whatThereIs);
    });
    if (flags.json) world.stdout.write(`${JSON.stringify(outcome)}\n`);
    else reportOutcome(world, outcome);
    return outcome;
  });
}
