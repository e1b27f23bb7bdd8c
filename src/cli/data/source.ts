import type { Dialect } from "../../core/dialects/schema.ts";
import type { LocalTokenizer } from "../../engine/tokenizer/local-tokenizer.ts";
import type { Trajectory } from "../../train/trajectory.ts";

/** What a file of trajectories has in one place, or why that cannot be used. */
export type Source = Usable | Refused;

interface About {
  /** The file, and the line where it has several. */
  readonly where: string;
  /** Of this rollout, and of its problem: rollouts of one problem are a group. */
  readonly id: string;
  readonly group: string;
}

export interface Usable extends About {
  readonly trajectory: Trajectory;
  /** What it answered. */
  readonly answer: string;
}

export interface Refused extends About {
  readonly why: string;
}

export function isRefused(source: Source): source is Refused {
  return "why" in source;
}

/** What finished texts are read with. */
export interface TextSetup {
  readonly dialect: Dialect | undefined;
  readonly tokenizer: LocalTokenizer | undefined;
}
