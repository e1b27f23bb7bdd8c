import { existsSync } from "node:fs";
import * as z from "zod";
import { ThreadweaverError } from "../../errors.ts";
import { chunksOf } from "../../files/chunks.ts";
import { decodeExactly } from "../prompt.ts";
import { parseExactly } from "./exact-json.ts";
import { linesOf, type Line } from "../../files/lines.ts";
import { digestOf, keyOf, type Problem } from "./problems.ts";
import { keep, keepOnly, type Range } from "../../files/line-file.ts";

const resultLine = z.looseObject({
  id: z.unknown(),
  sample: z.int().min(0).default(0),
  error: z.unknown().optional(),
  batch: z.looseObject({ problem: z.string(), seed: z.int().min(0) }),
});

/** How a batch was made, as a line of its results says. */
export type EarlierSettings = z.output<typeof resultLine>["batch"];

interface Good {
  /** Of the problem that it answers. */
  readonly problem: string;
  readonly line: number;
  /** Whether the input has that problem. */
  isKnown: boolean;
}

/** The results that an interrupted batch left: which of them stay, and which problems are to be run. */
export class EarlierResults {
  readonly path: string;
  /** What the first line says of the batch that made it. Undefined: there is none. */
  readonly settings: EarlierSettings | undefined;
  readonly #good: Map<string, Good>;
  readonly #kept: readonly Range[];

  private constructor(
    path: string,
    found: { settings: EarlierSettings | undefined; good: Map<string, Good>; kept: readonly Range[] },
  ) {
    this.path = path;
    this.settings = found.settings;
    this.#good = found.good;
    this.#kept = found.kept;
  }

  /** @throws `file` where it cannot be read, `invalid_option` where it holds something else than results. */
  static async read(path: string): Promise<EarlierResults> {
    const good = new Map<string, Good>();
    const kept: Range[] = [];
    let settings: EarlierSettings | undefined;
    if (existsSync(path)) {
      for await (const line of linesOf(chunksOf(path))) {
        const result = parseResult(path, line);
        if (result === undefined) continue;
        settings ??= result.batch;
        const key = runKey(result.id, result.sample);
        // What failed is run again, and a line that is there twice is of no use.
        if (result.error !== undefined || good.has(key)) continue;
        good.set(key, { problem: result.batch.problem, line: line.number, isKnown: false });
        keep(kept, line);
      }
    }
    return new EarlierResults(path, { settings, good, kept });
  }

  /** Results that stay. */
  get count(): number {
    return this.#good.size;
  }

  has({ id }: Pick<Problem, "id">, sample: number): boolean {
    return this.#good.has(runKey(id, sample));
  }

  /** Throws `invalid_option` where one of the problem's results answers another problem. */
  claim(input: string, problem: Problem, samples: number): void {
    const digest = digestOf(problem);
    for (let sample = 0; sample < samples; sample += 1) {
      const good = this.#good.get(runKey(problem.id, sample));
      if (good === undefined) continue;
      good.isKnown = true;
      if (good.problem === digest) continue;
      const unnamed =
        problem.id === problem.line ? " A problem without an id is named by its line: give each one an id." : "";
      throw new ThreadweaverError(
        "invalid_option",
        `${input}:${problem.line}: ${this.path}:${good.line} answers another problem with the id ${JSON.stringify(problem.id)}.` +
          `${unnamed} Give another --output, or --overwrite to begin anew.`,
      );
    }
  }

  /** Throws `invalid_option` where a result belongs to none of the problems. Call it when all have been claimed. */
  requireClaimed(input: string): void {
    for (const [key, { line, isKnown }] of this.#good) {
      if (isKnown) continue;
      throw new ThreadweaverError(
        "invalid_option",
        `${this.path}:${line} answers ${key}, and ${input} has no such problem. Give the input of that run, or another ` +
          "--output, or --overwrite to begin anew.",
      );
    }
  }

  /** Removes from the file what is to be run again, and a last line that is torn. */
  async dropOthers(): Promise<void> {
    if (existsSync(this.path)) await keepOnly(this.path, this.#kept);
  }
}

/** Undefined for a blank line, and for a last one that is torn. */
function parseResult(path: string, { number, bytes, isWhole }: Line): z.output<typeof resultLine> | undefined {
  const text = bytes && decodeExactly(bytes);
  if (!isWhole || text?.trim() === "") return undefined;
  let data: unknown;
  try {
    data = parseExactly(text ?? "");
  } catch {
    // Said below.
  }
  const { data: result } = resultLine.safeParse(data);
  if (result !== undefined) return result;
  throw new ThreadweaverError(
    "invalid_option",
    `${path}:${number} is no line of results (an object with id and batch), so --resume cannot go on with this file. ` +
      "Remove the line, or give another --output, or --overwrite to begin anew.",
  );
}

function runKey(id: unknown, sample: number): string {
  return sample === 0 ? keyOf(id) : `${keyOf(id)}, sample ${sample}`;
}
