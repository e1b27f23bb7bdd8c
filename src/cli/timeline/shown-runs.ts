import { basename } from "node:path";
import type { Dialect } from "../../core/dialects/schema.ts";
import { ThreadweaverError } from "../../errors.ts";
import { readLines, type Line } from "../../files/text-lines.ts";
import { readTrace } from "../../trace/reader.ts";
import { shownResult } from "../../trace/timeline/from-result.ts";
import { shownTrace } from "../../trace/timeline/from-trace.ts";
import { isObject } from "../../trace/timeline/result-shape.ts";
import type { Shown } from "../../trace/timeline/shown.ts";
import { usageError } from "../usage.ts";

export interface WhichRuns {
  /** Of a file of results, the line with this id. */
  readonly id: string | undefined;
  readonly dialect: Dialect | undefined;
}

/**
 * The runs of some files: of a trace the one that it has, of a file of results the one that is asked for, and of a
 * comparison its modes.
 *
 * @throws `file` for what is neither, `invalid_option` where several runs could be meant.
 */
export async function shownRuns(paths: readonly string[], which: WhichRuns): Promise<Shown[]> {
  const runs: Shown[] = [];
  for (const path of paths) runs.push(...(await runsOf(path, which)));
  return runs;
}

async function runsOf(path: string, { id, dialect }: WhichRuns): Promise<Shown[]> {
  const results: Result[] = [];
  for await (const { lines } of readLines(path)) {
    for (const line of lines) {
      const { number, text } = line;
      if (number === 1 && mayBeTrace(line)) return [shownTrace(await readTrace(path), basename(path), { dialect })];
      if (text.trim() === "") continue;
      const result = resultOf(path, line);
      if (id === undefined || result.id === id) results.push(result);
    }
  }
  const [one, ...others] = results;
  if (one === undefined) {
    const what = id === undefined ? "is empty" : `has no result with the id ${JSON.stringify(id)}`;
    throw new ThreadweaverError("file", `${path} ${what}.`);
  }
  if (others.length > 0) {
    const ids = results.slice(0, 3).map((result) => JSON.stringify(result.id));
    const several = `${path} has ${results.length} results${id === undefined ? "" : ` with this id`}`;
    throw usageError(`${several}. Name one with --id, such as ${ids.join(", ")}.`, "trace");
  }
  return modesOf(one).map(([name, value]) => shownResult(value, one.where, name));
}

interface Result {
  /** As a file of results names it. */
  readonly id: string;
  readonly where: string;
  readonly value: Record<string, unknown>;
  readonly name: string;
}

function resultOf(path: string, { number, text }: Line): Result {
  const where = `${path}, line ${number}`;
  const value = jsonOf(text);
  if (!isObject(value)) {
    const message = `${where}: expected a trace (--trace) or a result (--json, --output) with its tree; this is not one.`;
    throw new ThreadweaverError("file", message);
  }
  const { id, sample } = value;
  const own = typeof id === "string" || typeof id === "number" ? `${id}` : `${number}`;
  const full = typeof sample === "number" ? `${own}/${sample}` : own;
  return { id: full, where, value, name: id === undefined ? basename(path) : `${basename(path)}, ${full}` };
}

/** A result, or those of a comparison. What failed has what it had made. */
function modesOf({ value, name }: Result): [name: string, value: unknown][] {
  const { forkJoin, onePass, sequential, partial } = value;
  if (forkJoin === undefined) return [[name, partial ?? value]];
  const modes = { "fork-join": forkJoin, "one pass": onePass, sequential };
  return Object.entries(modes).flatMap(([mode, own]) => (own === undefined ? [] : [[`${name}, ${mode}`, own]]));
}

/** Whether a file is to be read as a trace: also a damaged one, since that says best what is wrong with it. */
function mayBeTrace({ text, isWhole }: Line): boolean {
  return text.startsWith('{"trace":') || (!isWhole && '{"trace":'.startsWith(text));
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
