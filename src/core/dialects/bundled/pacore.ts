import { defineDialect } from "../dialect.ts";
import type { Dialect, View } from "../schema.ts";

/**
 * PaCoRe (arXiv 2601.05593). In each round several attempts answer the whole question, independently. The next round is
 * asked the question again, with the answers of the last one as references; the last round is one attempt, and its text
 * is what is shown.
 *
 * Any chat model can be asked so, on any engine. The authors' models (PaCoRe-8B) were trained to use the references.
 */
export const pacore: Dialect = defineDialect({
  name: "pacore",
  version: 1,
  summary: "PaCoRe (arXiv 2601.05593): rounds of whole attempts; each round has the answers of the last as references.",
  threadKind: "attempts",
  exact: {
    kind: "provisional",
    tokens: "kept",
    why: "the words around the references are ours; the authors' own were not compared",
  },
  needs: "chat-only",
  differences: [
    "The words that present the references are our own.",
    "References stand in the order of the attempts; the authors shuffle them by a seed.",
    "An attempt that ran out of tokens is a reference as far as it came; one that was cut or that failed is none, as theirs.",
  ],
  markers: [],
  thinkingEnd: "</think>",
  trigger: { kind: "start" },
  // The authors' setting "low". "medium" is [16, 1], "high" [32, 4, 1].
  plan: { source: "rounds", counts: [4, 1] },
  onForkRefused: "end",
  context: { kind: "prompt", later: { fn: "synthesis" } },
  thread: { stop: [], close: "", tailTokens: 0, sampling: { temperature: 1 }, maxDepth: 1 },
  onThreadEnd: { eos: "continue", length: "continue", cut: "continue", failed: "continue", refused: "continue" },
  join: { shape: "display", render: { fn: "lastRound" } },
  after: { kind: "continue" },
  limits: {},
  functions: { synthesis, lastRound },
});

/** The question of a later round: the first one, and the answers of the round before it. */
export function synthesis({ text, threads }: View): string {
  const answers = threads.map((thread) => answerOf(thread.text)).filter((answer) => answer !== "");
  const references = answers.map((answer, i) => `### Reference ${i + 1}\n${answer}`).join("\n\n");
  return (
    `## Question\n${text}\n\n## References\n` +
    `These are independent answers to the question. Any of them may be wrong.\n\n${references}\n\n` +
    "## Task\nCompare the references, find out where they are wrong, and answer the question anew."
  );
}

/** The text of the last round; of several attempts, one after the other. */
export function lastRound({ threads }: View): string {
  return threads.map(({ text }) => text).join("\n\n");
}

/** What stands after an attempt's thinking. */
function answerOf(text: string): string {
  return (text.split("</think>").at(-1) ?? "").trim();
}
