import { existsSync } from "node:fs";
import { join } from "node:path";
import * as z from "zod";
import type { Problem } from "../../eval/datasets/problem.ts";
import type { Header } from "../../eval/ledger/header.ts";
import { digestOf } from "../../eval/plan.ts";
import { chunksOf } from "../../files/chunks.ts";
import { LineFile } from "../../files/line-file.ts";
import { jsonIn, linesOf } from "../../files/lines.ts";
import { ThreadweaverError } from "../../errors.ts";

const problemsName = "problems.jsonl";

const problemSchema = z.strictObject({
  id: z.string(),
  question: z.string(),
  answer: z.string(),
  tolerance: z.number().optional(),
});

/** What was asked, without the other columns of its dataset. */
export type AskedProblem = z.output<typeof problemSchema>;

/** Writes the problems beside the ledger: reports need them when the dataset is not there any more. */
export function writeProblems(out: string, problems: readonly Problem[]): void {
  const file = LineFile.open(join(out, problemsName), { resume: false, overwrite: true });
  try {
    for (const { id, question, answer, tolerance } of problems) file.write({ id, question, answer, tolerance });
  } finally {
    file.close();
  }
}

/**
 * The problems of a ledger, from the file beside it.
 *
 * @throws `file` where it is not there, or is not of this ledger.
 */
export async function readProblems(out: string, { dataset }: Header): Promise<AskedProblem[]> {
  const path = join(out, problemsName);
  const remedy =
    "Run the command that made the samples again, with --resume: it writes the file, and asks nothing twice.";
  if (!existsSync(path))
    throw new ThreadweaverError("file", `${path} is not there, so questions are not known. ${remedy}`);
  const problems: AskedProblem[] = [];
  for await (const line of linesOf(chunksOf(path))) {
    const parsed = problemSchema.safeParse(jsonIn(line));
    if (parsed.success) problems.push(parsed.data);
  }
  if (digestOf(problems) !== dataset.digest)
    throw new ThreadweaverError("file", `${path} does not have the problems of its ledger. ${remedy}`);
  return problems;
}
