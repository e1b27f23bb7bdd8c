import { readFile } from "node:fs/promises";
import { isDeepStrictEqual } from "node:util";
import { dialectFromData } from "../../core/dialects/bundled/index.ts";
import { dialectData } from "../../core/dialects/dialect.ts";
import type { Dialect } from "../../core/dialects/schema.ts";
import { rehearseEndings } from "../../core/rehearsal/endings.ts";
import { canRehearse, rehearse } from "../../core/rehearsal/example.ts";
import { validateFormat } from "../../core/validation/validate.ts";
import { fileError } from "../../files/file-error.ts";
import { counted } from "../view/describe.ts";

/** One thing that was checked. `problem`: what is wrong; undefined if nothing is. */
export interface Check {
  /** What it is about: the dialect's file, or an example's, with line and column where it is about a place. */
  readonly where: string;
  readonly what: string;
  readonly problem?: string;
  /** More about it, a line each. */
  readonly details?: readonly string[];
}

const scripts = 500;

/**
 * Proves a dialect as far as that can be done without a model: as JSON, on examples of finished texts, and with models
 * that write anything. A file that is no dialect throws, with every mistake.
 */
export async function checkDialect(name: string, dialect: Dialect, examples: readonly string[]): Promise<Check[]> {
  const checks = [checkJson(name, dialect)];
  for (const path of examples) {
    const text = await readFile(path, "utf8").catch((cause: unknown) => {
      throw fileError(`The example ${path} cannot be read`, cause);
    });
    checks.push(...checkExample(dialect, path, text));
  }
  checks.push(checkEndings(name, dialect));
  return checks;
}

function checkJson(where: string, dialect: Dialect): Check {
  const data = dialectData(dialect);
  const again = dialectData(dialectFromData(JSON.parse(JSON.stringify(data))));
  const what = `it is a dialect, ${dialect.name} ${dialect.version}, and comes back from JSON as it was`;
  return isDeepStrictEqual(again, data) ? { where, what } : { where, what, problem: "it is another one after that" };
}

function checkExample(dialect: Dialect, path: string, text: string): Check[] {
  const place = (at: number): string => `${path}:${lineAndColumn(text, at)}`;
  const format = validateFormat(dialect, text).map(({ at, message }): Check => ({
    where: place(at),
    what: "the example is well formed",
    problem: message,
  }));
  const checks: Check[] = format.length > 0 ? format : [{ where: path, what: "the example is well formed" }];
  if (!canRehearse(dialect)) {
    const what = "the example is not replayed: its text does not hold what each thread wrote, or where it ended";
    return [...checks, { where: path, what }];
  }
  const { forks, threads, warnings, problem } = rehearse(dialect, text);
  const what = `a replay gives it again, with ${counted(forks, "fork")} and ${counted(threads.length, "thread")}`;
  const details = [
    ...threads.map(({ threadId, name, plan }) => `${threadId}  ${name}${plan === "" ? "" : `: ${plan}`}`),
    ...warnings.map(({ code, message }) => `${code}: ${message}`),
  ];
  if (problem !== undefined) return [...checks, { where: place(problem.at), what, problem: problem.message, details }];
  if (threads.length > 0) return [...checks, { where: path, what, details }];
  return [...checks, { where: path, what, problem: "no thread started: nothing in it was read as a plan", details }];
}

function checkEndings(where: string, dialect: Dialect): Check {
  const { forks, threads, calls, problem } = rehearseEndings(dialect, { runs: scripts });
  const what = `it ends, whatever a model writes: ${scripts} scripts`;
  if (problem !== undefined) return { where, what, problem: `${problem.message} (script ${problem.seed})` };
  const details = [`${counted(forks, "fork")}, ${counted(threads, "thread")}, at most ${counted(calls, "call")} a run`];
  return { where, what, details };
}

/** As editors count: both from 1. */
function lineAndColumn(text: string, at: number): string {
  const before = text.slice(0, at).split("\n");
  return `${before.length}:${(before.at(-1)?.length ?? 0) + 1}`;
}
