import type { RunMessage } from "../../run/input.ts";
import { question, type Prompt } from "./question.ts";

export const needsPrompt: Prompt = { name: "needs", version: 2 };

const task = `You will read a problem and the steps of a solution. Say for each step which earlier steps it needs.

A step needs another one if it uses what only the other one says: a result, a name, a choice, a definition. A writer who has not read the other step could not write this one. A step does not need another one merely because it comes later, looks alike, or checks the same thing on its own. What the problem says is known to every step, and need not be read in another one.`;

/** Asks what each step needs. */
export function needsQuestion(
  problem: string,
  steps: readonly { readonly title: string; readonly text: string }[],
): readonly RunMessage[] {
  const listed = steps.map(({ title, text }, i) => `--- step ${i + 1}: ${title} ---\n${text}`).join("\n");
  const form = `There are steps 1 to ${steps.length}. Answer with a JSON list, and nothing else, with one item for each step, in order: {"step": 3, "needs": [1]}, with "needs": [] for a step that needs no other one. List only steps that are needed directly.`;
  return question(task, { Problem: problem, Steps: listed }, form);
}
