import { existsSync, statSync } from "node:fs";
import { join } from "node:path";
import * as z from "zod";
import { ThreadweaverError } from "../../errors.ts";
import { fileError } from "../../files/file-error.ts";
import { visible } from "../../visible.ts";
import { exitCodes } from "../exit-codes.ts";
import { usageError } from "../usage.ts";
import { beside, type Row } from "../view/beside.ts";
import { counted } from "../view/describe.ts";
import type { World } from "../world.ts";
import { findRecord } from "./records.ts";
import type { TrajectoryFlags } from "./settings.ts";

const text = z.looseObject({
  id: z.string(),
  text: z.string(),
  blocks: z.int(),
  threads: z.int(),
  gain: z.number(),
  answer: z.string(),
});
const source = z.looseObject({ id: z.string(), trace: z.string() });
const alignment = z.looseObject({
  id: z.string(),
  lines: z.array(
    z.looseObject({ line: z.int(), fate: z.enum(["unchanged", "changed", "dropped"]), start: z.int(), end: z.int() }),
  ),
});

type AlignedLines = z.output<typeof alignment>["lines"];

const marks = { unchanged: " ", changed: "~", dropped: "-" } as const;

/** `trajectories view`: one text, beside the lines of its source where it was rewritten. */
export async function view(path: string | undefined, { id, json }: TrajectoryFlags, world: World): Promise<number> {
  if (path === undefined)
    throw usageError("trajectories view needs the folder, or its trajectories.jsonl.", "trajectories");
  const folder = isFolder(path) ? path : undefined;
  const file = folder === undefined ? path : join(folder, "trajectories.jsonl");
  const found = await findRecord(file, text, id);
  if (found === undefined) {
    const message = id === undefined ? `${file} has no text.` : `${file} has no text with the id ${id}.`;
    throw new ThreadweaverError("invalid_option", `${message} What was not kept stands in set-aside.jsonl.`);
  }
  const beginning = folder ?? join(path, "..");
  const of = async <T extends { readonly id: string }>(name: string, schema: z.ZodType<T>): Promise<T | undefined> =>
    existsSync(join(beginning, name)) ? findRecord(join(beginning, name), schema, found.id) : undefined;
  const trace = (await of("sources.jsonl", source))?.trace;
  const lines = (await of("alignment.jsonl", alignment))?.lines;
  if (json) {
    world.stdout.write(`${JSON.stringify({ ...found, source: trace ?? null, alignment: lines ?? null })}\n`);
    return exitCodes.ok;
  }
  const { blocks, threads, gain, answer } = found;
  const sum = `${found.id}: ${counted(blocks, "block")}, ${counted(threads, "thread")}, ${(100 * gain).toFixed(1)} % off the critical path, answer ${answer}`;
  world.stdout.write(`${visible(sum)}\n\n`);
  if (trace === undefined || lines === undefined) world.stdout.write(`${visible(found.text, { keep: "\n" })}\n`);
  else world.stdout.write(beside(rowsOf(found.text, trace, lines), world.stdout.columns ?? 120));
  return exitCodes.ok;
}

/** The text line by line, and what of the source stands there. ~: changed, -: dropped. */
function rowsOf(written: string, trace: string, lines: AlignedLines): Row[] {
  const rows: Row[] = [["source", "trajectory"]];
  const sources = reasoningLines(trace, lines.length);
  let next = 0;
  let at = 0;
  for (const line of written.split("\n")) {
    const end = at + line.length;
    const here: string[] = [];
    for (; next < lines.length && (lines[next]?.start ?? 0) <= end; next += 1) {
      const { line: number = 0, fate = "unchanged" } = lines[next] ?? {};
      here.push(`${marks[fate]}${`${number}`.padStart(4)} ${visible(sources[number - 1] ?? "")}`);
    }
    rows.push([here[0] ?? "", visible(line)], ...here.slice(1).map((one): Row => [one, ""]));
    at = end + 1;
  }
  return rows;
}

/** The lines of the reasoning, which may stand between marks of thinking. */
function reasoningLines(trace: string, count: number): string[] {
  const all = trace.split("\n");
  const first = all.findIndex((line) => line.includes("<think>"));
  return all.length === count || first < 0 ? all : all.slice(first + 1, first + 1 + count);
}

function isFolder(path: string): boolean {
  try {
    return statSync(path).isDirectory();
  } catch (cause) {
    throw fileError(`${path} cannot be read`, cause);
  }
}
