import { threadStops } from "../../core/dialects/markers.ts";
import type { Dialect } from "../../core/dialects/schema.ts";
import { fill } from "../../core/dialects/template.ts";
import { layoutOf } from "../layout/layout.ts";
import type { TextWriter } from "./written.ts";

/** A block as it is written down. */
export interface WrittenBlock {
  readonly outlines: readonly string[];
  readonly summary?: string | undefined;
  /** Writes the text of one thread, by its place from 0. */
  readonly thread: (index: number) => void;
  /** Whether it begins a line of its own. */
  readonly isAfterLine: boolean;
}

/** Writes one block. All but its threads is an insertion. */
export function writeBlock(
  writer: TextWriter,
  dialect: Dialect,
  { outlines, summary = "", thread, isAfterLine }: WrittenBlock,
): void {
  const { context, join, trigger } = dialect;
  const { begin, item, close } = layoutOf(dialect);
  if (context.kind !== "prefix" || join.shape !== "append" || trigger.kind !== "marker") return;
  writer.insert("structure", isAfterLine ? `\n${begin}` : begin, isAfterLine ? "\n" : "");
  for (const [i, outline] of outlines.entries()) writeTemplate(writer, item, `${i + 1}`, "outline", outline.trim());
  let before = trigger.marker;
  for (const i of outlines.keys()) {
    const id = `${i + 1}`;
    const header = fill(i === 0 ? context.header.first : context.header.rest, { id, index: id });
    writer.insert("structure", `${before}${header} `, i === 0 ? "" : "\n");
    thread(i);
    const [stop = ""] = threadStops(dialect, id);
    // Where a thread has a tail, the model goes on with a line feed after it.
    before = `\n${stop}${dialect.thread.tailTokens > 0 ? "\n" : ""}`;
  }
  writer.insert("structure", `${before}${join.tail}`);
  writeTemplate(writer, close, "", "summary", summary.trim());
}

/** Writes a template whose text is not of the source. */
function writeTemplate(
  writer: TextWriter,
  template: string,
  id: string,
  kind: "outline" | "summary",
  text: string,
): void {
  const [before = "", after] = template.split(kind === "outline" ? "{text}" : "{summary}");
  writer.insert("structure", fill(before, { id }));
  if (after === undefined) return;
  writer.insert(kind, text);
  writer.insert("structure", after);
}
