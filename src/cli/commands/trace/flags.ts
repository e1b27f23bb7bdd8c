import type { commands } from "../../flags/commands.ts";
import type { Values } from "../../flags/flag.ts";

export type TraceFlags = Values<(typeof commands)["trace"]["flags"]>;
