import type { commands } from "./commands.ts";
import type { Values } from "./flag.ts";

/** The flags of `threadweaver run`, as they were given or by default. */
export type RunFlags = Values<(typeof commands)["run"]["flags"]>;
