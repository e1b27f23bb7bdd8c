import { readFile } from "node:fs/promises";
import * as z from "zod";
import { ThreadweaverError } from "../../errors.ts";
import type { RunInput } from "../../run/options.ts";
import { fileError } from "../../trace/file-error.ts";
import { decodeExactly } from "../prompt.ts";

type ProblemId = string | number;

/** A line of the input file: what to run, or why it cannot be. */
export type Problem = { readonly line: number; readonly id: ProblemId } & (
  | { readonly input: RunInput }
  | { readonly mistake: string }
);

const id = z.union([z.string(), z.number()], "id is a string or a number");
const message = z.object({ role: z.string(), content: z.string() });
// Other fields pass: a data set's rows may say more than what is to be run.
const row = z
  .object({
    id: id.optional(),
    prompt: z.string("prompt is text").min(1, "prompt is empty").optional(),
    messages: z.array(message, "messages is a list").min(1, "messages is empty").optional(),
  })
  .refine(({ prompt, messages }) => (prompt === undefined) !== (messages === undefined), {
    error: "a line has a prompt or messages, one of them",
  });

/** Reads the file of problems. Throws where it cannot be read, holds none, or has an id twice. */
export async function readProblems(path: string): Promise<Problem[]> {
  const bytes = await readFile(path).catch((cause: unknown) => {
    throw fileError(`The problems in ${path} cannot be read`, cause);
  });
  const problems = parseProblems(bytes);
  if (problems.length === 0) throw new ThreadweaverError("file", `${path} holds no problems: it has no line of JSON.`);
  refuseEqualIds(path, problems);
  return problems;
}

/** The lines that are not blank, counted from 1. */
export function parseProblems(bytes: Uint8Array): Problem[] {
  return splitLines(bytes).flatMap((bytes, index) => {
    const line = index + 1;
    const text = decodeExactly(bytes);
    if (text === undefined) return [{ line, id: line, mistake: "not UTF-8" }];
    // A byte order mark is not JSON's white space.
    const json = (line === 1 ? text.replace(/^\uFEFF/, "") : text).trim();
    return json === "" ? [] : [parseProblem(json, line)];
  });
}

function parseProblem(json: string, line: number): Problem {
  let data: unknown;
  try {
    data = JSON.parse(json);
  } catch (error) {
    return { line, id: line, mistake: `not JSON: ${error instanceof Error ? error.message : String(error)}` };
  }
  const parsed = row.safeParse(data);
  if (!parsed.success) {
    const mistake = parsed.error.issues.map((issue) => [...issue.path, issue.message].join(": ")).join("; ");
    return { line, id: readableId(data) ?? line, mistake };
  }
  const { id = line, prompt, messages } = parsed.data;
  return { line, id, input: messages === undefined ? { prompt: prompt ?? "" } : { messages } };
}

/** The id of a line that is wrong in some other way. */
function readableId(data: unknown): ProblemId | undefined {
  return z.object({ id }).safeParse(data).data?.id;
}

function refuseEqualIds(path: string, problems: readonly Problem[]): void {
  const seen = new Map<string, number>();
  for (const { id, line } of problems) {
    // 1 and "1" differ in JSON, but readers of the results would hardly see it.
    const before = seen.get(String(id));
    if (before !== undefined) {
      throw new ThreadweaverError(
        "invalid_option",
        `${path}: lines ${before} and ${line} have the same id ${JSON.stringify(id)}, so their results could not be kept ` +
          "apart. Give each line an id of its own; a line without one has its number.",
      );
    }
    seen.set(String(id), line);
  }
}

/** At line feeds only, before decoding, so that one bad line spoils no other. */
function splitLines(bytes: Uint8Array): Uint8Array[] {
  const lines: Uint8Array[] = [];
  let start = 0;
  for (let end = bytes.indexOf(10); end >= 0; end = bytes.indexOf(10, start)) {
    lines.push(bytes.subarray(start, end));
    start = end + 1;
  }
  return [...lines, bytes.subarray(start)];
}
