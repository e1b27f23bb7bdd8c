import { dialectFromData } from "../core/dialects/bundled/index.ts";
import { sequential } from "../core/dialects/dialect.ts";
import type { Dialect } from "../core/dialects/schema.ts";
import type { SomeLimits } from "../core/limits/limits.ts";
import { step } from "../core/machine/machine.ts";
import type { Input } from "../core/machine/protocol.ts";
import { createState } from "../core/machine/state.ts";
import { ThreadweaverError } from "../errors.ts";
import { trajectoryOfState } from "./from-state.ts";
import type { Trajectory } from "./trajectory.ts";

/** A recorded run: what `readTrace` returns, or the header and the inputs that a recorder got. */
export interface Recorded {
  readonly header: {
    readonly mode: string;
    readonly dialect: Readonly<Record<string, unknown>>;
    readonly limits: SomeLimits;
    readonly stop: readonly string[];
  };
  readonly inputs: readonly Input[];
  /** Of a trace: whether it holds everything. */
  readonly content?: string | undefined;
  readonly path?: string | undefined;
}

/**
 * The trajectory of a recorded run, whole or interrupted: its inputs are fed to the machine again.
 *
 * @param dialect has the dialect's functions, where they are not bundled. @defaultValue the recorded one
 * @throws `file` for a trace that does not hold everything, or whose inputs do not follow from each other.
 */
export function trajectoryOfTrace(recorded: Recorded, dialect?: Dialect): Trajectory {
  const { header, inputs, content = "all", path = "the record" } = recorded;
  if (content !== "all") {
    const message = `${path} has no token ids, since it was written without its text: write traces that hold everything.`;
    throw new ThreadweaverError("file", message);
  }
  const used = dialect ?? dialectFromData(header.dialect);
  const { limits, stop } = header;
  const state = createState({ dialect: header.mode === "fork-join" ? used : sequential(used), limits, stop });
  for (const [n, input] of inputs.entries()) {
    try {
      step(state, input);
    } catch (cause) {
      const why = cause instanceof Error ? cause.message : String(cause);
      const message = `${path}, line ${n + 2}: this input does not follow from those before it: ${why}. Take an untouched copy.`;
      throw new ThreadweaverError("file", message, { cause });
    }
  }
  return trajectoryOfState(state, "trace");
}
