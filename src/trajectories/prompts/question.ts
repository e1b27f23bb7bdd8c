import type { RunMessage } from "../../run/input.ts";

/** A question of stage 1. Its version changes with its words: answers to other words are other answers. */
export interface Prompt {
  readonly name: string;
  readonly version: number;
}

/** The parts of a question, each under its heading. */
export function question(task: string, parts: Readonly<Record<string, string>>, form: string): readonly RunMessage[] {
  const sections = Object.entries(parts).map(([heading, text]) => `${heading}:\n${text}`);
  return [{ role: "user", content: [task, ...sections, form].join("\n\n") }];
}

/** Texts of threads, each under its number. */
export function numberedThreads(threads: readonly string[]): string {
  return threads.map((text, i) => `--- thread ${i + 1} ---\n${text}`).join("\n");
}

/** Text that may be empty. */
export function orNothing(text: string): string {
  return text.trim() === "" ? "(nothing)" : text;
}
