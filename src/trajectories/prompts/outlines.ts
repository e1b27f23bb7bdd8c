import type { RunMessage } from "../../run/input.ts";
import { numberedThreads, orNothing, question, type Prompt } from "./question.ts";

export const outlinesPrompt: Prompt = { name: "outlines", version: 1 };

const task = `You will read a problem, the beginning of a solution, and the threads that follow it. Write a plan for the threads, as its author would have written it at the end of the beginning, before any thread was there: one line for each thread, which tells its writer what to work on.

The plan knows only the problem and the beginning. It has no results of the threads, no numbers that they find, and no hint at how they end. With the problem, the beginning and its line, a writer must know what to do. The lines do not refer to each other. Keep each to one short sentence.`;

/** Asks for the outline of each thread of a block. */
export function outlinesQuestion(problem: string, context: string, threads: readonly string[]): readonly RunMessage[] {
  const form = `There are ${threads.length} threads. Answer with a JSON list of ${threads.length} strings, in the order of the threads, and nothing else: ["…", "…"].`;
  const parts = { Problem: problem, Beginning: orNothing(context), Threads: numberedThreads(threads) };
  return question(task, parts, form);
}
