import { defineDialect } from "../dialect.ts";
import type { Dialect } from "../schema.ts";

/**
 * Divide-and-Conquer CoT (arXiv 2601.23027). There is no plan: at `<spawn_workers>` three workers start, each in a tag
 * of its own, from `<worker_1>` to `</worker_1>` and so on. Then the model continues after `</spawn_workers>`.
 *
 * It needs a model that was trained on this format, and an engine that continues any text. Its authors' budget is the
 * length that remains when workers run side by side: the critical path (`maxCriticalTokens` of a run).
 */
export const dcCot: Dialect = defineDialect({
  name: "dc-cot",
  version: 1,
  summary: "Divide-and-Conquer CoT (arXiv 2601.23027): no plan, always three workers with numbered tags.",
  threadKind: "subtasks",
  exact: { kind: "exact", tokens: "kept", why: "the authors decode with a stock vLLM, ids in and ids out" },
  trained: "text",
  differences: [
    "A worker that ends by an end of sequence is joined without that token; the authors' loop leaves it in the text.",
    "Where a tag ends inside a token, only the tag's part of that token is kept, and encoded anew; the authors keep the whole token.",
    "A spawn for which no tokens are left gets three empty workers, without a request; the authors end at its tag.",
    "A worker that was cut or that failed is joined as far as it came and the run goes on; the authors' loop has no such case.",
  ],
  markers: [
    "<spawn_workers>",
    "</spawn_workers>",
    "<worker_1>",
    "</worker_1>",
    "<worker_2>",
    "</worker_2>",
    "<worker_3>",
    "</worker_3>",
  ],
  thinkingEnd: "</think>",
  trigger: { kind: "marker", marker: "<spawn_workers>" },
  plan: { source: "fixed", count: 3 },
  onForkRefused: "end",
  context: {
    kind: "prefix",
    header: { prompt: "<worker_{index}>", first: "<worker_{index}>", rest: "<worker_{index}>" },
  },
  thread: { stop: ["</worker_{index}>"], close: "", tailTokens: 0, maxDepth: 1 },
  onThreadEnd: { eos: "continue", length: "continue", cut: "continue", failed: "continue", refused: "continue" },
  join: { shape: "append", tail: "</spawn_workers>", endTail: "</spawn_workers>" },
  after: { kind: "continue" },
  // What the authors set in every run: 1000 rounds, with calls enough for them, and 40,000 tokens for a worker.
  limits: { forks: 1000, calls: 1004, threadTokens: 40_000 },
});
