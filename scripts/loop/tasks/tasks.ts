import { seededRandom } from "../../../src/eval/statistics/random.ts";
import { families, type Draw, type Family } from "./families.ts";
import { costs } from "./steps.ts";
import { parallelText, sequentialText } from "./texts.ts";

/** A problem whose dependencies are known, with its solutions. */
export interface Task {
  /** Such as `chain-12`. */
  readonly id: string;
  readonly family: Family;
  readonly prompt: string;
  readonly answer: string;
  readonly sequential: string;
  /** Undefined for a chain. */
  readonly parallel: string | undefined;
  /** Of a chain: a fork that gives a wrong answer. */
  readonly decoy: string | undefined;
  /** In tokens of the steps alone: the longest chain of steps that need each other, and all steps. */
  readonly graph: { readonly path: number; readonly total: number };
}

/** Of ten tasks in a row. Any few that follow each other are of several families. */
const order: readonly Family[] = [
  "sums",
  "chain",
  "mixed",
  "sums",
  "nested",
  "chain",
  "sums",
  "mixed",
  "chain",
  "nested",
];

/**
 * Tasks that follow from a seed, no two with one prompt.
 *
 * @param without prompts that are not to come, such as those of the evaluation.
 */
export function makeTasks(count: number, seed: number, without: ReadonlySet<string> = new Set()): Task[] {
  const random = seededRandom(seed);
  const draw: Draw = (n) => Math.floor(random() * n);
  const seen = new Set(without);
  const tasks: Task[] = [];
  while (tasks.length < count) {
    const task = makeTask(order[tasks.length % order.length] ?? "sums", tasks.length, draw);
    if (seen.has(task.prompt)) continue;
    seen.add(task.prompt);
    tasks.push(task);
  }
  return tasks;
}

function makeTask(family: Family, number: number, draw: Draw): Task {
  const { formula, steps, parts, decoy } = families[family](draw);
  const answer = steps.at(-1)?.value ?? 0;
  return {
    id: `${family}-${number}`,
    family,
    prompt: `Q: ${formula}\n`,
    answer: `${answer}`,
    sequential: sequentialText(steps, answer),
    parallel: parts && parallelText(parts, answer),
    decoy: decoy && parallelText(decoy.parts, decoy.answer),
    graph: costs(steps),
  };
}
