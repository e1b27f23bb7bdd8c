import type { RunMessage } from "../../run/input.ts";
import { numberedThreads, orNothing, question, type Prompt } from "./question.ts";

export const editsPrompt: Prompt = { name: "edits", version: 1 };

const task = `You will read a problem, the beginning of a solution, and the threads that follow. In future the threads are written at the same time, by writers who know the problem and the beginning, and see no thread but their own.

Find what a writer could not write: words that point to another thread ("as before", "similarly", "the other case", "the second one", "now that we have that"), and whatever is known only from another thread. Replace it, so that the thread can be written alone. Change as little as you can: a few words at each place. Keep the language, the style and every result. What refers to the problem, to the beginning or to the same thread stays as it is. Most threads need no change.`;

/** Asks for edits that make each thread of a block independent of the others. */
export function editsQuestion(problem: string, context: string, threads: readonly string[]): readonly RunMessage[] {
  const form = `Answer with a JSON list, and nothing else. Each item is one change: {"thread": 2, "old": "the exact text in that thread", "new": "what replaces it", "reason": "why"}. "old" is copied character by character, with enough around it to occur once in its thread. An empty "new" removes it. If nothing must change, answer [].`;
  const parts = { Problem: problem, Beginning: orNothing(context), Threads: numberedThreads(threads) };
  return question(task, parts, form);
}
