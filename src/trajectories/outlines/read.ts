import * as z from "zod";
import type { Dialect } from "../../core/dialects/schema.ts";
import { checked, excerpt, type Checked, type Fault } from "../fault.ts";
import { targetTag } from "../layout/tags.ts";
import { readList, type ReplyCode } from "../reply/json.ts";

/**
 * Why outlines cannot be used. `count`: not one for each thread. `outline`: it is empty, has a tag, or has several lines.
 * `result`: it has a number that its thread works out, which a planner cannot know.
 */
export type OutlineCode = "count" | "outline" | "result";

export interface OutlineOptions {
  readonly dialect: Dialect;
  /** All that is known before the fork: the problem, and the text up to there. */
  readonly context: string;
  readonly threads: readonly string[];
}

/** Numbers of one digit are too common to show where they are from. */
const numbers = /\d+(?:[.,]\d+)*/g;

/** Reads outlines from a chat answer, `["…", "…"]`: one line for each thread, without its results. */
export function readOutlines(
  reply: string,
  options: OutlineOptions,
): Checked<readonly string[], ReplyCode | OutlineCode> {
  const read = readList(reply, z.string());
  if (read.value === undefined) return read;
  const { threads } = options;
  const outlines = read.value.map((outline) => outline.trim());
  if (outlines.length !== threads.length) {
    const message = `There are ${outlines.length} outlines and ${threads.length} threads: give one outline for each thread.`;
    return checked(outlines, [{ code: "count", message }]);
  }
  return checked(
    outlines,
    outlines.flatMap((outline, i) => outlineFaults(outline, i, options)),
  );
}

function outlineFaults(
  outline: string,
  index: number,
  { dialect, context, threads }: OutlineOptions,
): Fault<OutlineCode>[] {
  const item = index + 1;
  const tag = targetTag(dialect, outline)?.marker;
  const why = outline === "" ? "is empty" : /[\r\n]/.test(outline) ? "has several lines" : tag && `has the tag ${tag}`;
  if (why !== undefined) {
    return [{ code: "outline", item, message: `Outline ${item} ${why}: ${excerpt(outline)}. Write one plain line.` }];
  }
  const known = new Set(context.match(numbers));
  const found = new Set(threads[index]?.match(numbers));
  const leaked = (outline.match(numbers) ?? []).find((n) => n.length > 1 && !known.has(n) && found.has(n));
  if (leaked === undefined) return [];
  const message = `Outline ${item} has ${leaked}, which only its thread finds: ${excerpt(outline)}. Say what to do, not what comes out.`;
  return [{ code: "result", item, message }];
}
