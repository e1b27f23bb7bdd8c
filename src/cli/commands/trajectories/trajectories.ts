import { exportChats } from "../../trajectories/export.ts";
import { rewrite } from "../../trajectories/rewrite.ts";
import { sample } from "../../trajectories/sample.ts";
import type { TrajectoryFlags } from "../../trajectories/settings.ts";
import { view } from "../../trajectories/view.ts";
import { suggestion, usageError } from "../../usage.ts";
import type { World } from "../../world.ts";

const actions = ["rewrite", "sample", "view", "export"];

/** `threadweaver trajectories`: makes parallel trajectories, shows them, and writes them down as chats. */
export async function trajectoriesCommand(
  flags: TrajectoryFlags,
  [action, path]: readonly string[],
  world: World,
): Promise<number> {
  switch (action) {
    case "rewrite":
      return rewrite(path, flags, world);
    case "sample":
      if (path !== undefined) throw usageError("trajectories sample takes --dataset and --path.", "trajectories");
      return sample(flags, world);
    case "view":
      return view(path, flags, world);
    case "export":
      return exportChats(path, flags, world);
    case undefined:
      throw usageError(`trajectories needs to be told what to do: ${actions.join(", ")}.`, "trajectories");
    default:
      throw usageError(
        `trajectories has ${actions.join(", ")}, but no ${action}.${suggestion(action, actions)}`,
        "trajectories",
      );
  }
}
