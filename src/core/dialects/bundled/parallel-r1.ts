import { defineDialect } from "../dialect.ts";
import type { Dialect } from "../schema.ts";

/**
 * Parallel-R1 (arXiv 2509.07980). There is no plan: at `<Parallel>` two threads start from the same prompt, each trying
 * the whole problem in a `<Path>`. Then the model writes a `<Summary>` and continues.
 *
 * It needs a model that was trained on this format, and an engine that continues any text. The two prompts are equal,
 * so the threads are sampled at temperature 1: greedy threads would be the same.
 */
export const parallelR1: Dialect = defineDialect({
  name: "parallel-r1",
  version: 1,
  summary: "Parallel-R1 (arXiv 2509.07980): no plan, two attempts from the same prompt, then a summary.",
  threadKind: "attempts",
  exact: { kind: "exact", tokens: "kept", why: "the authors roll out on a stock vLLM, ids in and ids out" },
  trained: "text",
  differences: [
    "A fifth block is refused with a warning and decoding goes on; the authors' loop ends after four and leaves the block open.",
    "The summary is asked for also when the context is nearly full; the authors skip it then.",
  ],
  markers: ["<Parallel>", "</Parallel>", "<Path>", "</Path>", "<Summary>", "</Summary>"],
  thinkingEnd: "</think>",
  trigger: { kind: "marker", marker: "<Parallel>" },
  plan: { source: "fixed", count: 2 },
  onForkRefused: "continue",
  context: { kind: "prefix", header: { prompt: "<Path>", first: "<Path>", rest: "<Path>" } },
  // The prompts of siblings are equal. Only their seeds make them differ, so they must not be greedy.
  thread: { stop: ["</Path>"], close: "</Path>", tailTokens: 0, sampling: { temperature: 1 }, maxDepth: 1 },
  onThreadEnd: { eos: "continue", length: "continue", cut: "continue", failed: "continue", refused: "continue" },
  join: { shape: "append", tail: "</Parallel>\n<Summary>", endTail: "</Parallel>" },
  after: { kind: "phase", stop: ["</Summary>"], close: "</Summary>" },
  limits: { forks: 4 },
});
