import { multiverse } from "../../core/dialects/bundled/multiverse.ts";
import { npr } from "../../core/dialects/bundled/npr.ts";
import { threadweaver, threadweaverConclusion } from "../../core/dialects/bundled/threadweaver.ts";
import type { Dialect } from "../../core/dialects/schema.ts";
import { ThreadweaverError } from "../../errors.ts";

/** What of a block the model writes itself, and so does not stand in the dialect. */
export interface Layout {
  readonly dialect: Dialect;
  /** Up to the first item of the plan. */
  readonly begin: string;
  /** One item. Placeholders: `{id}`, `{text}`. */
  readonly item: string;
  /** After what the runtime writes at the join, up to the end of the block. `{summary}`: what the threads found. */
  readonly close: string;
}

const outline = "<Outline>{id}: {text}</Outline>\n";
const begin = "<Parallel>\n<Outlines>\n";
const concluded = "{summary}\n</Conclusion>\n</Parallel>";

/** The formats in which a trajectory can be written. */
export const layouts: readonly Layout[] = [
  { dialect: threadweaver, begin, item: outline, close: "</Parallel>" },
  { dialect: threadweaverConclusion, begin, item: outline, close: concluded },
  { dialect: npr, begin: "<guideline>\n", item: "<plan>{id}: {text}</plan>\n", close: "{summary}\n</takeaway>" },
  { dialect: multiverse, begin: "<Parallel>\n<Goal>\n", item: outline, close: concluded },
];

/** @throws `invalid_option` for a format in which no trajectory can be written. */
export function layoutOf({ name }: Pick<Dialect, "name">): Layout {
  const layout = layouts.find(({ dialect }) => dialect.name === name);
  if (layout !== undefined) return layout;
  const known = layouts.map(({ dialect }) => dialect.name).join(", ");
  throw new ThreadweaverError("invalid_option", `No trajectory can be written in ${name}. Choose one of ${known}.`);
}

/** Whether a block ends with a text that sums its threads up. */
export function hasSummary({ close }: Layout): boolean {
  return close.includes("{summary}");
}
