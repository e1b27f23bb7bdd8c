import { commands, program as root } from "./flags/commands.ts";
import type { Command, Flags, Values } from "./flags/flag.ts";
import { commandHelp, programHelp } from "./flags/help.ts";
import { parse } from "./flags/parse.ts";
import { exitCodes } from "./exit-codes.ts";
import { reportError } from "./report-error.ts";
import { suggestion, usageError } from "./usage.ts";
import { packageVersion } from "./version.ts";
import type { World } from "./world.ts";

/** Runs the program; returns its exit code. Never throws: errors are written to stderr. */
export async function program(args: readonly string[], world: World): Promise<number> {
  try {
    return await dispatch(args, world);
  } catch (error) {
    return reportError(world, error);
  }
}

// Each command is imported when it is called for: the help and the version need no engine.
async function dispatch([name, ...rest]: readonly string[], world: World): Promise<number> {
  switch (name) {
    case "run":
      return invoke(name, commands.run, rest, world, async ({ flags, positionals }) => {
        const { runCommand } = await import("./commands/run.ts");
        return runCommand(flags, positionals, world);
      });
    case "fork":
      return invoke(name, commands.fork, rest, world, async ({ flags, positionals }) => {
        const { forkCommand } = await import("./commands/fork.ts");
        return forkCommand(flags, positionals, world);
      });
    case "resume":
      return invoke(name, commands.resume, rest, world, async ({ flags, positionals }) => {
        const { resumeCommand } = await import("./commands/resume.ts");
        return resumeCommand(flags, positionals, world);
      });
    case "trace":
      return invoke(name, commands.trace, rest, world, async ({ flags, positionals }) => {
        const { traceCommand } = await import("./commands/trace/trace.ts");
        return traceCommand(flags, positionals, world);
      });
    case "data":
      return invoke(name, commands.data, rest, world, async ({ flags, positionals }) => {
        const { dataCommand } = await import("./commands/data/data.ts");
        return dataCommand(flags, positionals, world);
      });
    case "trajectories":
      return invoke(name, commands.trajectories, rest, world, async ({ flags, positionals }) => {
        const { trajectoriesCommand } = await import("./commands/trajectories/trajectories.ts");
        return trajectoriesCommand(flags, positionals, world);
      });
    case "rollout":
      return invoke(name, commands.rollout, rest, world, async ({ flags }) => {
        const { rolloutCommand } = await import("./commands/rollout.ts");
        return rolloutCommand(flags, world);
      });
    case "demo":
      return invoke(name, commands.demo, rest, world, async ({ flags }) => {
        const { demoCommand } = await import("./commands/demo.ts");
        return demoCommand(flags, world);
      });
    case "probe":
      return invoke(name, commands.probe, rest, world, async ({ flags, positionals }) => {
        const { probeCommand } = await import("./commands/probe.ts");
        return probeCommand(flags, positionals, world);
      });
    case "grade":
      return invoke(name, commands.grade, rest, world, async ({ flags }) => {
        const { gradeCommand } = await import("./commands/grade.ts");
        return gradeCommand(flags, world);
      });
    case "eval":
      return invoke(name, commands.eval, rest, world, async ({ flags, positionals }) => {
        const { evalCommand } = await import("./commands/eval.ts");
        return evalCommand(flags, positionals, world);
      });
    case "verify":
      return invoke(name, commands.verify, rest, world, async ({ flags }) => {
        const { verifyCommand } = await import("./commands/verify.ts");
        return verifyCommand(flags, world);
      });
    case "dialects":
      return invoke(name, commands.dialects, rest, world, async ({ flags, positionals }) => {
        const { dialectsCommand } = await import("./commands/dialects.ts");
        return dialectsCommand(flags, positionals, world);
      });
    default:
      return withoutCommand(name, rest, world);
  }
}

interface Called<F extends Flags> {
  readonly flags: Values<F>;
  readonly positionals: readonly string[];
}

async function invoke<F extends Flags>(
  name: string,
  command: Command<F>,
  args: readonly string[],
  world: World,
  body: (called: Called<F>) => Promise<number>,
): Promise<number> {
  const parsed = parse(name, command, args);
  if (!parsed.help) return body(parsed);
  world.stdout.write(commandHelp(command));
  return exitCodes.ok;
}

function withoutCommand(name: string | undefined, rest: readonly string[], world: World): number {
  if (name === undefined) {
    world.stderr.write(programHelp());
    return exitCodes.usage;
  }
  if (!name.startsWith("-")) {
    throw usageError(`There is no command ${JSON.stringify(name)}.${suggestion(name, Object.keys(commands))}`);
  }
  const parsed = parse("", root, [name, ...rest]);
  if (!parsed.help && !parsed.flags.version) throw usageError("No command was given.");
  world.stdout.write(parsed.help ? programHelp() : `${packageVersion()}\n`);
  return exitCodes.ok;
}
