import type { RunMessage } from "../../run/input.ts";
import { numberedThreads, orNothing, question, type Prompt } from "./question.ts";

export const summaryPrompt: Prompt = { name: "summary", version: 2 };

const task = `You will read a problem, the beginning of a solution, and the threads that follow it. Say what the threads found: the result of each thread, in order. Another writer will go on with the solution from what you say. Add nothing of your own, and do not go on with the solution.`;

/** Asks what the threads of a block found, for formats whose blocks end with that. */
export function summaryQuestion(problem: string, context: string, threads: readonly string[]): readonly RunMessage[] {
  const form = `Answer with a JSON list of one string, a few sentences at most, and nothing else: ["…"].`;
  const parts = { Problem: problem, Beginning: orNothing(context), Threads: numberedThreads(threads) };
  return question(task, parts, form);
}
