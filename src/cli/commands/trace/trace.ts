import { suggestion, usageError } from "../../usage.ts";
import type { World } from "../../world.ts";
import type { TraceFlags } from "./flags.ts";
import { replayTraceCommand } from "./replay.ts";
import { showTraceCommand } from "./show.ts";
import { viewTraceCommand } from "./view.ts";

const actions = { replay: replayTraceCommand, show: showTraceCommand, view: viewTraceCommand };

/** `threadweaver trace`: what happened in runs that are over. */
export async function traceCommand(
  flags: TraceFlags,
  [action, ...files]: readonly string[],
  world: World,
): Promise<number> {
  const names = Object.keys(actions);
  if (action === undefined) throw usageError(`trace needs to be told what to do: ${names.join(", ")}.`, "trace");
  if (action !== "replay" && action !== "show" && action !== "view") {
    throw usageError(`trace has ${names.join(", ")}, but no ${action}.${suggestion(action, names)}`, "trace");
  }
  if (files.length === 0) throw usageError(`trace ${action} needs the file that --trace wrote.`, "trace");
  return actions[action](flags, files, world);
}
