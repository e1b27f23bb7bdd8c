import { createClock } from "../../run/clock.ts";
import { dialectOf } from "../../run/resume.ts";
import { createRunner } from "../../run/runner.ts";
import { readTrace, requireAll } from "../../trace/reader.ts";
import { appendTrace } from "../../trace/writer.ts";
import { whatThereIs } from "../cancelled.ts";
import { chooseEngine, withEngine } from "../engine.ts";
import type { commands } from "../flags/commands.ts";
import type { Values } from "../flags/flag.ts";
import { withTrace } from "../go-on.ts";
import { retryOptions } from "../run-options.ts";
import { usageError } from "../usage.ts";
import { reportOutcome } from "../view/report.ts";
import { asJson } from "../view/votes.ts";
import { viewFor, watch } from "../view/view.ts";
import type { World } from "../world.ts";

type ResumeFlags = Values<(typeof commands)["resume"]["flags"]>;

/** `threadweaver resume`: goes on with a run. Engine and key come from the command line, never from the file. */
export async function resumeCommand(flags: ResumeFlags, [file]: readonly string[], world: World): Promise<number> {
  if (file === undefined) throw usageError("resume needs the file that --trace wrote.", "resume");
  const trace = await readTrace(file);
  requireAll(trace, "resumed");
  const dialect = dialectOf(trace.header, undefined);
  const choice = chooseEngine(flags, world.env, dialect);
  const recorder = await appendTrace(trace);
  return withTrace(world, { recorder, choice }, async () => {
    const outcome = await withEngine(world, choice, (engine) => {
      const clock = createClock(() => world.now());
      const runner = createRunner({ engine, dialect, clock, random: () => world.random() });
      const run = runner.resume(trace, {
        recorder,
        retry: retryOptions(flags),
        signal: world.signal,
        tree: flags.tree,
        combine: flags.combine,
      });
      return watch(run, viewFor(world, flags.json ? "none" : "threads")).catch(whatThereIs);
    });
    if (flags.json) world.stdout.write(`${asJson(outcome)}\n`);
    else reportOutcome(world, outcome);
    return outcome;
  });
}
