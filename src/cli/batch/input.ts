import { statSync } from "node:fs";
import { ThreadweaverError } from "../../errors.ts";
import { chunksOf } from "../../files/chunks.ts";
import { fitsBundledModel } from "../model-card.ts";
import { counted } from "../view/describe.ts";
import { warn } from "../view/report.ts";
import type { World } from "../world.ts";
import type { EarlierResults } from "./earlier.ts";
import { keyOf, problemsOf, type BadLine, type Problem } from "./problems.ts";

/** Where the problems come from. */
export interface Input {
  /** For messages. */
  readonly name: string;
  /** Whether it can be read twice: then all of it is checked before anything is run. */
  readonly isFile: boolean;
  /** Its lines. One whose id another line had before is a bad line. */
  read(): AsyncGenerator<Problem | BadLine>;
}

export function openInput(path: string, world: World): Input {
  if (path === "-") return { name: "stdin", isFile: false, read: () => withoutTwins(problemsOf(world.stdin)) };
  // A pipe that has a path can be read once, too.
  const isFile = statSync(path, { throwIfNoEntry: false })?.isFIFO() !== true;
  return { name: path, isFile, read: () => withoutTwins(problemsOf(chunksOf(path))) };
}

async function* withoutTwins(lines: AsyncIterable<Problem | BadLine>): AsyncGenerator<Problem | BadLine> {
  const seen = new Map<string, number>();
  for await (const problem of lines) {
    const key = keyOf(problem.id);
    const twin = seen.get(key);
    if (twin === undefined) seen.set(key, problem.line);
    if (twin === undefined) yield problem;
    else {
      const { line, id, fields } = problem;
      yield { line, id, fields, twin, mistake: `the same id ${JSON.stringify(id)} as line ${twin}` };
    }
  }
}

export interface InputFacts {
  /** Lines that are not blank. */
  readonly lines: number;
  readonly bad: number;
}

export interface InputChecks {
  readonly samples: number;
  readonly earlier: EarlierResults | undefined;
  /** Whether the model that comes with the package is to answer. */
  readonly bundled: boolean;
}

const mistakesShown = 20;

/**
 * Reads all lines, and reports those that cannot be run.
 *
 * @throws `invalid_option` where two lines have one id, or the results belong to other problems; `file` where the file cannot
 * be read or has no problem.
 */
export async function checkInput(input: Input, world: World, checks: InputChecks): Promise<InputFacts> {
  let lines = 0;
  let bad = 0;
  let first: BadLine | undefined;
  const misfits: number[] = [];
  for await (const problem of input.read()) {
    lines += 1;
    if (problem.mistake !== undefined) {
      if (problem.twin !== undefined) throw twinError(input.name, problem);
      bad += 1;
      first ??= problem;
      if (bad <= mistakesShown) warn(world, `${input.name}:${problem.line}: ${problem.mistake}`);
      continue;
    }
    checks.earlier?.claim(input.name, problem, checks.samples);
    const { prompt } = problem.input;
    if (checks.bundled && prompt !== undefined && !fitsBundledModel(prompt)) misfits.push(problem.line);
  }
  if (bad > mistakesShown) warn(world, `${input.name}: ${bad - mistakesShown} more lines cannot be run`);
  if (lines === 0) throw new ThreadweaverError("file", `${input.name} holds no problems: it has no line of JSON.`);
  if (bad === lines) throw noneError(input.name, lines, first);
  checks.earlier?.requireClaimed(input.name);
  warnOfMisfits(world, misfits);
  return { lines, bad };
}

function twinError(name: string, { line, id, twin }: BadLine): ThreadweaverError {
  return new ThreadweaverError(
    "invalid_option",
    `${name}: lines ${twin} and ${line} have the same id ${JSON.stringify(id)}, so their results could not be kept ` +
      "apart. Give each line an id of its own; a line without one has its number.",
  );
}

function noneError(name: string, lines: number, first: BadLine | undefined): ThreadweaverError {
  const which = lines === 1 ? "Its line cannot" : `None of its ${lines} lines can`;
  const why = first === undefined ? "" : ` (line ${first.line}: ${first.mistake})`;
  return new ThreadweaverError(
    "file",
    `${name}: ${which} be run${why}. A line is one JSON object such as {"id": 1, "prompt": "…"}.`,
  );
}

/** One line for all of them. */
function warnOfMisfits(world: World, misfits: readonly number[]): void {
  const [first] = misfits;
  if (first === undefined) return;
  warn(
    world,
    `${counted(misfits.length, "prompt")} (line ${first} is the first) will hardly be answered: the bundled model ` +
      'knows only "Q: 64*27+14*89\\n", 2 to 4 products of numbers from 11 to 99 and a line feed',
  );
}
