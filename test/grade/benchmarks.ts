import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { extractAnswer, type PolicyName } from "../../src/grade/index.ts";

/** Where the files of the benchmarks are; they are no part of this project. */
const folder = process.env["THREADWEAVER_BENCHMARKS"] ?? "";
export const haveBenchmarks: boolean = folder !== "" && existsSync(join(folder, "math500.json"));

type Row = Readonly<Record<string, unknown>>;

export interface Benchmark {
  readonly file: string;
  readonly policy: PolicyName;
  readonly rows: number;
  reference(row: Row): string;
}

export const benchmarks: readonly Benchmark[] = [
  { file: "aime24.jsonl", policy: "aime", rows: 30, reference: ({ answer }) => String(answer) },
  { file: "aime25.json", policy: "aime", rows: 30, reference: ({ answer }) => String(answer) },
  // The file has numbers in JSON; their usual form is `27.0`.
  { file: "amc23.jsonl", policy: "amc", rows: 40, reference: ({ answer }) => Number(answer).toFixed(1) },
  { file: "math500.json", policy: "math", rows: 500, reference: ({ answer }) => String(answer) },
  { file: "minerva_math.jsonl", policy: "minerva", rows: 272, reference: ({ solution }) => boxIn(String(solution)) },
  {
    file: "olympiadbench.jsonl",
    policy: "olympiadbench",
    rows: 675,
    reference: ({ final_answer: answer }) => String((answer as readonly unknown[])[0]),
  },
];

/** References of a benchmark, in the order of its file. */
export function references({ file, reference }: Benchmark): string[] {
  const text = readFileSync(join(folder, file), "utf8");
  const rows = (
    file.endsWith(".json")
      ? JSON.parse(text)
      : text
          .trim()
          .split("\n")
          .map((line) => JSON.parse(line))
  ) as Row[];
  return rows.map(reference);
}

function boxIn(solution: string): string {
  return extractAnswer(solution, "lastBox").answer ?? "";
}
