import { markersOf } from "../dialects/markers.ts";
import type { Dialect } from "../dialects/schema.ts";
import { validateFilled, validateReplaced } from "./results.ts";
import { OpenTags, pairsOf, readTags, type FormatProblem } from "./tags.ts";
import { validateThreads } from "./threads.ts";

export type { FormatProblem } from "./tags.ts";

/**
 * Checks a finished text, without its prompt, against its format: tags, plans, threads and joins. Returns the problems
 * in the order of the text; an empty list means that it is well formed. White space does not matter. Linear in the
 * length of the text. Pass the dialect that forks: that of `sequential` does not describe threads.
 */
export function validateFormat(dialect: Dialect, text: string): FormatProblem[] {
  const { context, join, trigger } = dialect;
  const problems: FormatProblem[] = [];
  if (join.shape === "append" && context.kind === "prefix" && trigger.kind !== "none") {
    validateThreads(dialect, join, context.header, text, problems);
  } else if (join.shape === "replaceBlock") {
    validateReplaced(dialect, join, text, problems);
  } else if (join.shape === "fill" && trigger.kind === "inline") {
    validateFilled(dialect, join, trigger, text, problems);
  } else {
    validateTags(dialect, text, problems);
  }
  return problems.sort((a, b) => a.at - b.at);
}

function validateTags(dialect: Dialect, text: string, problems: FormatProblem[]): void {
  const markers = markersOf(dialect);
  const open = new OpenTags(pairsOf(markers), problems);
  for (const tag of readTags(markers, text)) open.take(tag);
  open.finish();
}
