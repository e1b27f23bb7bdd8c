import type { Scores } from "../../data/scores.ts";
import type { Source } from "../../data/source.ts";
import type { dataFlags } from "../../flags/data-flags.ts";
import type { Values } from "../../flags/flag.ts";
import type { World } from "../../world.ts";

export type DataFlags = Values<typeof dataFlags>;

/** What an action works on. */
export interface DataWork {
  readonly flags: DataFlags;
  readonly world: World;
  /** The trajectories of the file, from the beginning, each time that it is called. */
  readonly sources: () => AsyncIterable<Source>;
  /** What they are worth, where there are answers. */
  readonly scores: () => Promise<Scores | undefined>;
}
