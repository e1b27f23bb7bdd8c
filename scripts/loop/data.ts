import { mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { seededRandom } from "../../src/eval/statistics/random.ts";
import { ByteTokenizer } from "../../src/testing/index.ts";
import { makeTasks, type Task } from "./tasks/tasks.ts";
import type { Size } from "./sizes.ts";

/** All tasks of a loop. They follow from its seed, and none is in two parts. */
export interface LoopTasks {
  readonly evaluated: readonly Task[];
  readonly taught: readonly Task[];
  /** The problems of self-training. */
  readonly own: readonly Task[];
  /** The problems of each step of reinforcement. */
  readonly steps: readonly (readonly Task[])[];
}

export function tasksOf({ texts, self, evaluated, rl }: Size, seed: number): LoopTasks {
  const held = makeTasks(evaluated, seed);
  const seen = new Set(held.map(({ prompt }) => prompt));
  const all = makeTasks(texts + self.problems + rl.steps * rl.problems, seed + 1, seen);
  let from = 0;
  const next = (count: number): Task[] => all.slice(from, (from += count));
  const [taught, own] = [next(texts), next(self.problems)];
  return { evaluated: held, taught, own, steps: Array.from({ length: rl.steps }, () => next(rl.problems)) };
}

/** How often a text forks: where that pays, and on chains, where its answer is wrong. */
const forks = { pays: 0.5, decoy: 0.5 };

/**
 * The texts that the format is taught with. They fork by chance and on chains too, so that the model does both, is often
 * wrong, and has something to learn from its rewards.
 */
export function textsOf(tasks: readonly Task[], seed: number): object[] {
  const random = seededRandom(seed + 2);
  return tasks.map(({ id, prompt, sequential, parallel, decoy }) => {
    const isForked = random() < (parallel === undefined ? forks.decoy : forks.pays);
    return { id, prompt, text: (isForked ? (parallel ?? decoy) : undefined) ?? sequential };
  });
}

/** Of the rows of threads, the share that is learned from: each is one product or one sum, which are soon known. */
const threadsKept = 0.25;

/** A row of `threadweaver data export --format sft`, as far as it is looked at. */
interface SftRow {
  readonly labels: readonly number[];
}

/** The rows of supervised training, without most of those of threads. */
export function rowsToTeach(rows: readonly object[], seed: number): object[] {
  const random = seededRandom(seed + 4);
  const [threadClose] = new ByteTokenizer().encode("</Thread>");
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- our own command wrote them
  return (rows as SftRow[]).filter(({ labels }) => labels.at(-1) !== threadClose || random() < threadsKept);
}

/** Problems as `threadweaver rollout` and `threadweaver eval` read them. */
export function problemsOf(tasks: readonly Task[]): object[] {
  return tasks.map(({ id, prompt, answer }) => ({ id, prompt, question: prompt.slice("Q: ".length, -1), answer }));
}

/** Writes lines of JSON, whole or not at all. */
export function writeLines(path: string, values: readonly object[]): void {
  writeWhole(path, values.map((value) => `${JSON.stringify(value)}\n`).join(""));
}

/** Writes a file, whole or not at all. */
export function writeWhole(path: string, text: string): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(`${path}.partial`, text);
  renameSync(`${path}.partial`, path);
}

export function readLines(path: string): object[] {
  const lines = readFileSync(path, "utf8").split("\n").filter(Boolean);
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- our own commands wrote them
  return lines.map((line) => JSON.parse(line) as object);
}
