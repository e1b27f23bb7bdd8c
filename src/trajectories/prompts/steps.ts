import type { RunMessage } from "../../run/input.ts";
import { numberedLines } from "../trace/numbered.ts";
import type { SourceTrace } from "../trace/trace.ts";
import { question, type Prompt } from "./question.ts";

export const stepsPrompt: Prompt = { name: "steps", version: 2 };

const task = `You will read a problem and a solution of it, line by line. Divide the solution into steps.

A step does one thing: it restates the problem, works on one case, does one calculation, checks one result, tries something that is given up later, or concludes. What could be worked on separately belongs in separate steps, so make steps small rather than large.

Every line belongs to exactly one step, empty lines too. The first step begins at the first line. Each step begins at the line after the step before it. The last step ends at the last line. Keep the order of the lines.`;

/** Asks for the steps of a trace, on numbered lines. */
export function stepsQuestion(problem: string, trace: SourceTrace): readonly RunMessage[] {
  const last = `L${trace.lines.length}`;
  const form = `The lines are L1 to ${last}. Answer with a JSON list, and nothing else. Each item is a step: {"title": "what it does, in a few words", "lines": "first-last"}, where lines are written as "L1-L2", or "L3" for one line.`;
  return question(task, { Problem: problem, Solution: numberedLines(trace) }, form);
}
