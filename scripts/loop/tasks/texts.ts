import type { Step } from "./steps.ts";

/** What one thread works out, one step after the other. */
export interface Thread {
  readonly title: string;
  readonly steps: readonly Step[];
}

/** A part of a solution: threads side by side, or steps of main. */
export type Part = { readonly say: string; readonly threads: readonly Thread[] } | { readonly steps: readonly Step[] };

/** How a text begins that does not fork, after the question. */
export const beginOfSequential = "<think>\nOne after the other.\n";

/** A solution without a fork. */
export function sequentialText(steps: readonly Step[], answer: number): string {
  return `${beginOfSequential}${linesOf(steps)}${closing(answer)}`;
}

/** The same work in the format of ThreadWeaver, as a run of it ends: joined, with `</Parallel>`. */
export function parallelText(parts: readonly Part[], answer: number): string {
  return `<think>\n${parts.map((part) => ("steps" in part ? linesOf(part.steps) : block(part))).join("")}${closing(answer)}`;
}

function block({ say, threads }: Extract<Part, { threads: unknown }>): string {
  const outlines = threads.map(({ title }, i) => `<Outline> ${i + 1}: ${title}</Outline>\n`).join("");
  const bodies = threads.map(({ title, steps }, i) => `<Thread>\n${i + 1}: ${bodyOf(title, steps)} </Thread>`).join("");
  return `${say}\n<Parallel>\n<Outlines>\n${outlines}</Outlines>\n${bodies}\n</Parallel>\n`;
}

/** A thread begins with its title; a step that begins with the same is not written twice. */
function bodyOf(title: string, steps: readonly Step[]): string {
  const text = linesOf(steps).trimEnd();
  return text.startsWith(title) ? text : `${title}\n${text}`;
}

function linesOf(steps: readonly Step[]): string {
  return steps.map(({ text }) => `${text}\n`).join("");
}

function closing(answer: number): string {
  return `</think>\n\\boxed{${answer}}`;
}
