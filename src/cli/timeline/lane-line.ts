import { phasesOf, writtenOn } from "../../trace/timeline/phases.ts";
import type { Axis, Lane, PathPart } from "../../trace/timeline/timeline.ts";

/** What stands in a column of a lane, the more important the later. */
export const signs = {
  outside: " ",
  idle: "·",
  waiting: "░",
  writing: "▒",
  onPath: "█",
  retry: "!",
  cut: "×",
} as const;
type Sign = keyof typeof signs;

/** What a lane did, in so many columns from the beginning of the run to `end`. */
export function laneColumns(
  { from, to, calls, ending }: Lane,
  path: readonly PathPart[],
  { axis, end, columns }: { axis: Axis; end: number; columns: number },
): Sign[] {
  const line = Array.from({ length: columns }, (): Sign => "outside");
  const at = (value: number): number => (end === 0 ? 0 : (value / end) * columns);
  const draw = (sign: Sign, begin: number, over: number): void => {
    if (over < begin) return;
    const first = Math.min(columns - 1, Math.floor(at(begin)));
    line.fill(sign, first, Math.max(first + 1, Math.round(at(over))));
  };
  draw("idle", from[axis], to[axis]);
  for (const call of calls) {
    if (axis === "tokens") draw("writing", call.before, call.before + call.tokens);
    else {
      for (const phase of phasesOf(call)) draw(phase.is === "writes" ? "writing" : "waiting", phase.from, phase.to);
    }
  }
  for (const part of path) {
    const call = part.call === undefined ? undefined : calls[part.call];
    if (call === undefined) continue;
    for (const { from: begin, to: over } of writtenOn(axis, part, call)) draw("onPath", begin, over);
  }
  if (axis === "ms") {
    for (const { attempts } of calls) for (const { broke } of attempts) if (broke) draw("retry", broke.at, broke.at);
  }
  if (ending.kind === "cut") draw("cut", to[axis], to[axis]);
  return line;
}
