import type { LineRange } from "../fault.ts";

/** A sequential trace: a finished text of a model, and the part of it that is rewritten. */
export interface SourceTrace {
  readonly text: string;
  /** Where the reasoning begins and ends in the text, in UTF-16 code units; all of it where no thinking is marked. */
  readonly from: number;
  readonly to: number;
  /** The lines of the reasoning, without their line feeds. */
  readonly lines: readonly string[];
  /** The answer that the grader finds. */
  readonly answer: string;
}

/** Where each line of the reasoning begins in the text, and after them the place where the next one would begin. */
export function lineStarts({ from, lines }: Pick<SourceTrace, "from" | "lines">): number[] {
  const starts = [from];
  let at = from;
  for (const line of lines) starts.push((at += line.length + 1));
  return starts;
}

/** The place of lines in the text, without the line feed after the last one. */
export function spanOf(starts: readonly number[], { first, last }: LineRange): { from: number; to: number } {
  return { from: starts[first - 1] ?? 0, to: (starts[last] ?? 1) - 1 };
}
