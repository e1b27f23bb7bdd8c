import type { RunResult } from "../../run/result.ts";
import type { Run } from "../../run/run.ts";
import type { World } from "../world.ts";
import { LiveView } from "./live-view.ts";
import { PlainView } from "./plain-view.ts";
import type { View } from "./view-types.ts";

/** A tree that grows on a terminal, lines elsewhere; of the text in lines nothing but what `lines` asks for. */
export function viewFor(world: World, lines: "none" | "threads" | "text"): View | undefined {
  if (world.stderr.isTTY === true) return new LiveView(world.stderr, () => world.now());
  return lines === "none" ? undefined : new PlainView(world.stderr, { text: lines === "text" });
}

/** Shows a run while it lasts and gives its result. Without a view, the run makes no events. */
export async function watch(run: Run, view: View | undefined): Promise<RunResult> {
  if (view === undefined) return run.result;
  try {
    for await (const event of run) view.event(event);
  } finally {
    view.end();
  }
  return run.result;
}
