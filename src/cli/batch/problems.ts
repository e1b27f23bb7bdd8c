import { createHash } from "node:crypto";
import * as z from "zod";
import type { BatchProblem } from "../../run/batch/options.ts";
import { canonical } from "../../run/canonical.ts";
import type { RunOptions } from "../../run/options.ts";
import { checkInput, type RunInput } from "../../run/input.ts";
import { decodeExactly } from "../prompt.ts";
import { parseExactly } from "./exact-json.ts";
import { linesOf, longestLine, type Line } from "../../files/lines.ts";
import { openaiRow } from "./openai-row.ts";

/** A line of the input that can be run. */
export interface Problem extends BatchProblem {
  readonly line: number;
  /** As it stands in the line; the line's number where it has none. */
  readonly id: unknown;
  /** What else the line says: it stands in the result's line, too. */
  readonly fields: Readonly<Record<string, unknown>>;
  readonly options?: RunOptions | undefined;
  /** The model that a line of OpenAI's form names. */
  readonly model?: string | undefined;
  readonly mistake?: undefined;
}

/** A line that cannot be run, and why. */
export interface BadLine {
  readonly line: number;
  readonly id: unknown;
  readonly fields: Readonly<Record<string, unknown>>;
  readonly mistake: string;
  /** The line that has the same id. */
  readonly twin?: number;
}

// Other fields pass: a data set's rows may say more than what is to be run.
const row = z
  .object({
    prompt: z.string("prompt is text").min(1, "prompt is empty").optional(),
    messages: z.array(z.unknown(), "messages is a list").min(1, "messages is empty").optional(),
    promptIds: z.array(z.int().min(0), "promptIds is a list of ids").min(1, "promptIds is empty").optional(),
  })
  .refine((given) => Object.values(given).filter((value) => value !== undefined).length === 1, {
    error: "a line has a prompt, messages or promptIds, one of them",
  })
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- `checkInput` looks at the messages
  .transform((given) => ({ input: given as unknown as RunInput }));

/** The lines that are not blank. */
export async function* problemsOf(chunks: AsyncIterable<Uint8Array | string>): AsyncGenerator<Problem | BadLine> {
  for await (const line of linesOf(chunks)) {
    const problem = parseLine(line);
    if (problem !== undefined) yield problem;
  }
}

function parseLine({ number: line, bytes }: Line): Problem | BadLine | undefined {
  const bad = (mistake: string): BadLine => ({ line, id: line, fields: {}, mistake });
  if (bytes === undefined) return bad(`longer than ${longestLine / 1024 / 1024} MiB`);
  const text = decodeExactly(bytes);
  if (text === undefined) return bad("not UTF-8");
  // A byte order mark is not JSON's white space.
  const json = (line === 1 ? text.replace(/^\uFEFF/, "") : text).trim();
  if (json === "") return undefined;
  try {
    return parseRow(JSON.parse(json), parseExactly(json), line);
  } catch (error) {
    return bad(`not JSON: ${error instanceof Error ? error.message : String(error)}`);
  }
}

function parseRow(data: unknown, exact: unknown, line: number): Problem | BadLine {
  if (!isObject(exact)) return { line, id: line, fields: {}, mistake: `an object was expected, not ${nameOf(data)}` };
  const isOpenai = "custom_id" in exact;
  const { id = isOpenai ? exact["custom_id"] : line, prompt: _p, messages: _m, promptIds: _i, ...rest } = exact;
  const { method: _t, url: _u, body: _b, ...restOfOpenai } = exact;
  const own = { line, id, fields: isOpenai ? restOfOpenai : rest };
  const parsed = isOpenai ? openaiRow.safeParse(data) : row.safeParse(data);
  if (!parsed.success) {
    const mistake = parsed.error.issues.map((issue) => [...issue.path, issue.message].join(": ")).join("; ");
    return { ...own, mistake };
  }
  try {
    checkInput(parsed.data.input);
  } catch (error) {
    return { ...own, mistake: error instanceof Error ? error.message : String(error) };
  }
  return { ...own, ...parsed.data };
}

/** What tells one id from another. */
export function keyOf(id: unknown): string {
  const text = canonical(id);
  return text.length <= 40 ? text : digest(text);
}

/** What tells one problem from another of the same id. */
export function digestOf({ input, options = {} }: Problem): string {
  return digest(canonical({ ...input, options }));
}

function digest(text: string): string {
  return createHash("sha256").update(text).digest("hex").slice(0, 16);
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value) && Object.getPrototypeOf(value) !== null;
}

function nameOf(value: unknown): string {
  return value === null ? "null" : Array.isArray(value) ? "a list" : `a ${typeof value}`;
}
