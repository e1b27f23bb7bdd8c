import { hostAttempts } from "../../core/dialects/host-attempts.ts";
import { createClock } from "../../run/clock.ts";
import { createRunner } from "../../run/runner.ts";
import { createTrace } from "../../trace/writer.ts";
import { inputFor, readGiven } from "../chat.ts";
import { whatThereIs } from "../cancelled.ts";
import { chooseEngine, withEngine } from "../engine.ts";
import type { RunFlags } from "../flags/run-flags.ts";
import { withTrace } from "../go-on.ts";
import { requestsAtOnce, runOptions } from "../run-options.ts";
import { usageError } from "../usage.ts";
import { reportOutcome } from "../view/report.ts";
import { asJson } from "../view/votes.ts";
import { viewFor, watch } from "../view/view.ts";
import type { World } from "../world.ts";

/** `threadweaver run --attempts N`: several attempts at one question, and the answer that they elect. */
export async function attemptsCommand(
  flags: RunFlags & { readonly attempts: number },
  positionals: readonly string[],
  world: World,
): Promise<number> {
  const { attempts: count, vote, trace: path, overwrite } = flags;
  if (flags.input !== undefined)
    throw usageError("--attempts is for one prompt, and --input has many: --samples repeats each of them.", "run");
  if (flags.dialect !== undefined || flags.mode !== "fork-join")
    throw usageError("--attempts answer the plain question: --dialect and --mode are for runs that fork.", "run");
  if (flags["no-text"] && path === undefined) throw usageError("--no-text is for --trace.", "run");
  const choice = chooseEngine(flags, world.env, hostAttempts(count));
  const given = await readGiven(flags, positionals[0], world);
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
      const run = runner.attempts(input, { ...runOptions(flags), count, vote, signal: world.signal, recorder });
      return watch(run, viewFor(world, flags.json ? "none" : "threads")).catch(whatThereIs);
    });
    if (flags.json) world.stdout.write(`${asJson(outcome)}\n`);
    else reportOutcome(world, outcome);
    return outcome;
  });
}
