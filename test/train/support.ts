import type { Dialect } from "../../src/core/dialects/schema.ts";
import { trajectoryOfState } from "../../src/train/from-state.ts";
import { trajectoryOfTrace, type Recorded } from "../../src/train/from-trace.ts";
import type { Trajectory } from "../../src/train/trajectory.ts";
import type { Driven } from "../core/drive.ts";
import { dialectData } from "../../src/core/dialects/dialect.ts";

/** What a recorder would have of a run. */
function recordedOf(dialect: Dialect, { inputs, state }: Driven): Recorded {
  return {
    header: { mode: "fork-join", dialect: { ...dialectData(dialect) }, limits: state.limits, stop: [] },
    inputs,
  };
}

export function trajectoryOf(dialect: Dialect, driven: Driven): Trajectory {
  return trajectoryOfTrace(recordedOf(dialect, driven), dialect);
}

/** The same without a replay, for tests of what follows. */
export const driven = ({ state }: Driven): Trajectory => trajectoryOfState(state, "trace");
