import { markersOf } from "../../core/dialects/markers.ts";
import type { Dialect } from "../../core/dialects/schema.ts";
import { rehearse, writtenIn } from "../../core/rehearsal/example.ts";
import { writeBlock } from "../assembly/write-block.ts";
import { TextWriter } from "../assembly/written.ts";
import { checked, refused, type Checked } from "../fault.ts";

/** A block that a run wrote, without the marks of its format. */
interface ToldBlock {
  readonly outlines: readonly string[];
  readonly threads: readonly string[];
}

/** Text between blocks, or a block. */
export type ToldPart = string | ToldBlock;

/** `format`: the text is not what its format says. `markers`: marks of a format stand where text is expected. */
export type ToldCode = "format" | "markers";

/** Takes a finished text apart, into what its model wrote without the marks of its format. */
export function toldParts(dialect: Dialect, text: string): Checked<readonly ToldPart[], ToldCode> {
  const { calls, problem } = writtenIn(dialect, text);
  if (problem !== undefined) return refused({ code: "format", at: problem.at, message: problem.message });
  const plans = new Map(rehearse(dialect, text).threads.map(({ threadId, plan }) => [threadId, plan]));
  const parts: ToldPart[] = [];
  for (const [i, { threadId, text: written }] of calls.entries()) {
    if (threadId === "0") {
      const forks = calls[i + 1] !== undefined && calls[i + 1]?.threadId !== "0";
      const own = afterBlock(dialect, written);
      parts.push(forks ? beforePlan(dialect, own) : own.trim());
      if (forks) parts.push({ outlines: [], threads: [] });
      continue;
    }
    const block = parts.at(-1);
    if (block === undefined || typeof block === "string") continue;
    const outlines = [...block.outlines, plans.get(threadId) ?? ""];
    parts[parts.length - 1] = { outlines, threads: [...block.threads, withoutStop(dialect, written)] };
  }
  const told = parts.filter((part) => part !== "");
  const marked = told.flatMap((part) => (typeof part === "string" ? part : [...part.outlines, ...part.threads]));
  const stray = marked.flatMap((one) => markersOf(dialect).find((marker) => one.includes(marker)) ?? [])[0];
  if (stray === undefined) return checked(told, []);
  return refused({ code: "markers", message: `${stray} stands in what should be plain text.` });
}

/** Without the marks that end a block, which trained models write themselves. */
function afterBlock(dialect: Dialect, text: string): string {
  const ends = markersOf(dialect).filter((marker) => marker.startsWith("</"));
  const end = ends.find((marker) => text.trimStart().startsWith(marker));
  return end === undefined ? text : afterBlock(dialect, text.trimStart().slice(end.length));
}

/** What stands before the first mark of the plan. */
function beforePlan(dialect: Dialect, text: string): string {
  const places = markersOf(dialect)
    .map((marker) => text.indexOf(marker))
    .filter((at) => at >= 0);
  return text.slice(0, Math.min(text.length, ...places)).trim();
}

function withoutStop({ thread }: Dialect, text: string): string {
  const stop = thread.stop.find((one) => text.trimEnd().endsWith(one));
  return (stop === undefined ? text : text.slice(0, text.lastIndexOf(stop))).trim();
}

/** Tells the same in another format. @param summaries one for each block, for formats whose blocks end with one. */
export function retold(parts: readonly ToldPart[], target: Dialect, summaries: readonly string[] = []): string {
  const writer = new TextWriter();
  let block = 0;
  for (const part of parts) {
    const isAfterLine = writer.text !== "";
    if (typeof part === "string") writer.source(isAfterLine ? `\n${part}` : part);
    else {
      const thread = (index: number): void => writer.source(part.threads[index] ?? "");
      writeBlock(writer, target, { outlines: part.outlines, summary: summaries[block], thread, isAfterLine });
      block += 1;
    }
  }
  return writer.text;
}
