import { readTrace, type Trace } from "../../../trace/reader.ts";
import { replayTrace, type Replayed } from "../../../trace/replay.ts";
import { exitCodes } from "../../exit-codes.ts";
import { loadDialect } from "../../load-dialect.ts";
import { usageError } from "../../usage.ts";
import { counted } from "../../view/describe.ts";
import { summary } from "../../view/report.ts";
import { visible } from "../../../visible.ts";
import type { World } from "../../world.ts";
import type { TraceFlags } from "./flags.ts";

/** `threadweaver trace replay`: what happened in a run, and whether it can be proven. */
export async function replayTraceCommand(
  flags: TraceFlags,
  [file = "", ...others]: readonly string[],
  { stdout, stderr }: World,
): Promise<number> {
  if (others.length > 0) throw usageError("trace replay takes one file.", "trace");
  const dialect = flags.dialect === undefined ? undefined : await loadDialect(flags.dialect);
  const trace = await readTrace(file);
  let events = 0;
  const replayed = replayTrace(trace, {
    dialect,
    onEvent: (event) => {
      events += 1;
      if (flags.json) stdout.write(`${JSON.stringify(event)}\n`);
    },
  });
  const lines = [proofOf(replayed), ...(trace.torn ? ["The last line was not whole, and is left out."] : [])];
  if (flags.json) stderr.write(lines.map((line) => `${line}\n`).join(""));
  else stdout.write([...aboutRun(trace, replayed, events), ...lines].map((line) => `${visible(line)}\n`).join(""));
  return replayed.proof === "differs" ? exitCodes.failed : exitCodes.ok;
}

function aboutRun({ header, inputs }: Trace, { result, error }: Replayed, events: number): string[] {
  const { dialect, engine, seed } = header;
  return [
    `${dialect.name} on ${engine.model}, seed ${seed}: ${counted(inputs.length, "input")}, ${counted(events, "event")}`,
    ...(result === undefined ? [] : [summary(result)]),
    ...(error?.message === undefined ? [] : [`It failed: ${error.message}`]),
  ];
}

function proofOf({ proof, differences }: Replayed): string {
  switch (proof) {
    case "equal":
      return "Proven: the result is the recorded one, to the last byte.";
    case "differs":
      return `The result differs from the recorded one: ${differences.join("; ")}.`;
    case "incomplete":
      return "Not proven: the trace ends before its run did. threadweaver resume goes on with it.";
  }
}
