import { describe, expect, it } from "vitest";
import { localTokenizer } from "../../src/tokenizer/index.ts";
import { threadweaver } from "../../src/core/dialects/bundled/index.ts";
import { trainingUnits, trajectoryOfText } from "../../src/train/index.ts";
import { makeTasks, type Task } from "../../scripts/loop/tasks/tasks.ts";
import { costs, product, sum } from "../../scripts/loop/tasks/steps.ts";
import { parallelText } from "../../scripts/loop/tasks/texts.ts";
import { tokensOf } from "../../scripts/loop/measure.ts";
import { transcripts } from "../core/transcripts.ts";

const tasks = makeTasks(400, 20);
const tokenizer = await localTokenizer(new URL("../../models/hf", import.meta.url).pathname);
const trajectory = ({ prompt }: Task, text: string) =>
  trajectoryOfText(text, { dialect: threadweaver, tokenizer, prompt });

/** What a formula is worth, by a reader that shares nothing with the generator. */
function valueOf(formula: string): number {
  const inner = formula.replaceAll(/\(([^()]*)\)/g, (_, text: string) => String(valueOf(text)));
  return inner
    .split("+")
    .map((term) => {
      const [first, ...rest] = term.split("~");
      const [a = 0, b = 1] = (first ?? "").split("*").map(Number);
      return rest.reduce((value, next) => (value % 100) * Number(next), a * b);
    })
    .reduce((left, right) => left + right);
}

describe("tasks with known dependencies", () => {
  it("follow from their seed, and no two are the same", () => {
    expect(makeTasks(400, 20)).toEqual(tasks);
    expect(makeTasks(400, 21)).not.toEqual(tasks);
    expect(new Set(tasks.map(({ prompt }) => prompt)).size).toBe(400);
    const prompts = new Set(tasks.map(({ prompt }) => prompt));
    for (const { prompt } of makeTasks(400, 20, prompts)) expect(prompts.has(prompt)).toBe(false);
  });

  it("have right answers, in every solution but a decoy", () => {
    for (const { prompt, answer, sequential, parallel } of tasks) {
      expect(valueOf(prompt.slice("Q: ".length, -1)), prompt).toBe(Number(answer));
      for (const text of [sequential, parallel]) if (text !== undefined) expect(text).toContain(`\\boxed{${answer}}`);
    }
    const decoys = tasks.filter(({ decoy }) => decoy !== undefined);
    expect(decoys.filter(({ decoy, answer }) => !decoy?.endsWith(`{${answer}}`)).length).toBeGreaterThan(
      0.95 * decoys.length,
    );
  });

  it("are written in the format: the machine gives the same text, with the threads that stand in it", async () => {
    const least = { sums: 2, nested: 6, chain: 0, mixed: 2 };
    const most = { sums: 4, nested: 6, chain: 0, mixed: 3 };
    for (const task of tasks.slice(0, 60)) {
      const made = await trajectory(task, task.parallel ?? task.sequential);
      const forked = new Set(trainingUnits(made).map(({ threadId }) => threadId)).size - 1;
      expect(forked, task.parallel).toBeGreaterThanOrEqual(least[task.family]);
      expect(forked).toBeLessThanOrEqual(most[task.family]);
      const plain = await trajectory(task, task.sequential);
      expect(plain.tokens).toEqual({ criticalPath: tokensOf(task.sequential), generated: tokensOf(task.sequential) });
      if (task.decoy !== undefined) expect((await trajectory(task, task.decoy)).tokens.generated).toBeGreaterThan(100);
    }
  });

  it("have sums as the small model was taught them, character by character", () => {
    for (const { terms, text, prompt } of transcripts.filter(({ terms: given }) => given.length === 2)) {
      const products = terms.map(([a = 0, b = 0], i) => product(i, a, b));
      const [left, right] = products;
      const total = sum(2, left!, right!);
      const threads = products.map((step) => ({ title: step.title, steps: [step] }));
      const parts = [{ say: "Split into products.", threads }, { steps: [total] }];
      expect(`${prompt}${parallelText(parts, total.value)}</s>`).toBe(text);
    }
  });

  it("know the longest chain of steps that need each other", () => {
    const [a, b, c] = [product(0, 64, 27), product(1, 14, 89), product(2, 33, 21)];
    const own = a.text.length + 1;
    const joins = [sum(3, a, b), sum(4, { ...a, id: 3 }, c)];
    const join = joins[0]!.text.length + 1;
    expect(costs([a, b, c, ...joins])).toEqual({ path: own + 2 * join, total: 3 * own + 2 * join });
    for (const { family, graph } of tasks) {
      if (family === "chain") expect(graph.path).toBe(graph.total);
      else expect(graph.total / graph.path).toBeGreaterThan(1.2);
    }
  });
});
