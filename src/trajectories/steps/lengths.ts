import { lineStarts, spanOf, type SourceTrace } from "../trace/trace.ts";
import type { Step } from "./step.ts";

/** How long a text is; characters without the white space around it, where nothing else is asked for. */
export type Measure = (text: string) => number;

export const characters: Measure = (text) => text.trim().length;

/** The length of each step, for blocks and critical paths. */
export function stepLengths(trace: SourceTrace, steps: readonly Step[], measure: Measure = characters): number[] {
  const starts = lineStarts(trace);
  return steps.map((step) => {
    const { from, to } = spanOf(starts, step);
    return measure(trace.text.slice(from, to));
  });
}
