import type { Needs } from "../../src/trajectories/dependencies/graph.ts";
import type { TraceSource } from "../../src/trajectories/rewriting/options.ts";
import { chanceFrom } from "../core/drive.ts";

/** A task whose solution has a known graph: layers of chains that are independent, each layer ended by a step that needs all. */
export interface Task extends TraceSource {
  /** Of each line of the solution after its first and before its last: the variables that it uses. */
  readonly needs: Needs;
  readonly answer: number;
}

/** Words that point at a sibling, as sequential reasoning has them. */
const references = ["As before, ", "In the same way, ", "Now that this is done, ", "", ""];

/** A task by its seed. Variables are x1, x2, ... in the order of the text; each line computes one. */
export function task(seed: number): Task {
  const chance = chanceFrom(seed);
  const lines: string[] = [];
  const given: string[] = [];
  const values: number[] = [];
  const needs: number[][] = [];
  let join = 0;
  const add = (text: string, value: number, used: readonly number[]): number => {
    values.push(value);
    needs.push(used.filter((one) => one > 0));
    lines.push(`${text} = ${value}`);
    return values.length;
  };
  for (let layer = 0; layer < 1 + chance(3); layer += 1) {
    const chains = 1 + chance(4);
    const length = 1 + chance(3);
    const ends: number[] = [];
    for (let chain = 0; chain < chains; chain += 1) {
      let before = join;
      for (let step = 0; step < length; step += 1) {
        const [a, b] = [2 + chance(90), 2 + chance(90)];
        const name = `x${values.length + 1}`;
        given.push(before === 0 ? `${name} = ${a} * ${b}` : `${name} = x${before} + ${a} * ${b}`);
        const reference = chain > 0 && step === 0 ? (references[chance(references.length)] ?? "") : "";
        const base = before === 0 ? 0 : (values[before - 1] ?? 0);
        const sum = before === 0 ? `${a} * ${b}` : `x${before} + ${a} * ${b} = ${base} + ${a * b}`;
        before = add(`${reference}${name} = ${sum}`, base + a * b, [before]);
      }
      ends.push(before);
    }
    const name = `x${values.length + 1}`;
    const sum = ends.map((end) => `x${end}`).join(" + ");
    given.push(`${name} = ${sum}`);
    const total = ends.reduce((all, end) => all + (values[end - 1] ?? 0), 0);
    join = add(`${name} = ${sum}`, total, ends);
  }
  const answer = values.at(-1) ?? 0;
  return {
    id: `task ${seed}`,
    question: `Let ${given.join(", ")}. What is x${values.length}?`,
    trace: ["Let us work these out one by one.", ...lines, `So the answer is \\boxed{${answer}}.`].join("\n"),
    reference: `${answer}`,
    needs,
    answer,
  };
}
