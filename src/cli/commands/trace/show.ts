import type { Shown } from "../../../trace/timeline/shown.ts";
import { figuresOf } from "../../../trace/timeline/figures.ts";
import type { Axis } from "../../../trace/timeline/timeline.ts";
import { visible } from "../../../visible.ts";
import { exitCodes } from "../../exit-codes.ts";
import { loadDialect } from "../../load-dialect.ts";
import { aboutLine } from "../../timeline/about-line.ts";
import { shownRuns } from "../../timeline/shown-runs.ts";
import { textLines } from "../../timeline/text-lines.ts";
import { legend, timelineLines } from "../../timeline/timeline-lines.ts";
import { usageError } from "../../usage.ts";
import { painter } from "../../view/paint.ts";
import type { World } from "../../world.ts";
import type { TraceFlags } from "./flags.ts";

/** `threadweaver trace show`: the lanes of runs, in figures and, where they are asked for, with their texts. */
export async function showTraceCommand(
  flags: TraceFlags,
  files: readonly string[],
  { stdout }: World,
): Promise<number> {
  const dialect = flags.dialect === undefined ? undefined : await loadDialect(flags.dialect);
  const runs = await shownRuns(files, { id: flags.id, dialect });
  if (flags.json) {
    for (const { timeline } of runs) stdout.write(`${JSON.stringify(timeline)}\n`);
    return exitCodes.ok;
  }
  const axis = axisOf(runs, flags.axis);
  const end = Math.max(...runs.map(({ timeline }) => timeline.end[axis]));
  const paint = painter(stdout);
  const columns = stdout.columns ?? 80;
  for (const run of runs) {
    const { timeline } = run;
    const figures = figuresOf(timeline);
    const width = Math.max(...figures.map(({ name }) => name.length));
    const lines = [
      paint("bold", visible(aboutLine(timeline.about))),
      ...timeline.about.missing.map((missing) => paint("yellow", visible(missing))),
      "",
      ...timelineLines(timeline, { axis, end, columns, paint }),
      "",
      ...figures.map(({ name, value }) => `${name.padEnd(width)}  ${visible(value)}`),
      "",
    ];
    stdout.write(`${lines.join("\n")}\n`);
    if (flags.texts) for (const line of textLines(run, paint)) stdout.write(`${line}\n`);
  }
  stdout.write(`${legend(paint)}\n`);
  return exitCodes.ok;
}

/** The axis that was asked for, else times where all runs have them. */
function axisOf(runs: readonly Shown[], wanted: "time" | "steps" | undefined): Axis {
  const areTimed = runs.every(({ timeline }) => timeline.axes.includes("ms"));
  if (wanted === "time" && !areTimed) {
    throw usageError("--axis time needs traces: a result does not say when something happened.", "trace");
  }
  return areTimed && wanted !== "steps" ? "ms" : "tokens";
}
