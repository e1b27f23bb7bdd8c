import { defineDialect } from "../dialect.ts";
import type { Dialect } from "../schema.ts";

/**
 * Native Parallel Reasoner (arXiv 2512.07461). The model writes a `<guideline>` of numbered plans; each becomes a
 * `<step>`, which may fork again, up to five levels deep. Then the model writes a `<takeaway>` and continues.
 *
 * It needs a model that was trained on this format, and an engine that continues any text. In the authors' engine steps
 * never see each other, also after the join; a stock engine can do so only until the join.
 */
export const npr: Dialect = defineDialect({
  name: "npr",
  version: 1,
  summary: "Native Parallel Reasoner (arXiv 2512.07461): guideline, steps that may fork again, takeaway.",
  threadKind: "subtasks",
  exact: {
    kind: "untilJoin",
    tokens: "kept",
    why: "in the authors' engine steps share positions and never see each other; a stock engine reads them one after the other",
  },
  trained: "tokens",
  differences: [
    "A guideline of more than five plans, or one too deep, is refused with a warning and decoding goes on; the authors' engine ends the request at more than five.",
    "A step that did not close itself is closed; the authors' engine merges it as it is.",
    "A stray </step> in the main text is text; the authors' engine ends the request at the next guideline.",
  ],
  markers: ["<guideline>", "</guideline>", "<plan>", "</plan>", "<step>", "</step>", "<takeaway>", "</takeaway>"],
  thinkingEnd: "</think>",
  trigger: { kind: "marker", marker: "</guideline>" },
  plan: {
    source: "outline",
    after: "<guideline>",
    item: "<plan>~{id:dotted}~:",
    tags: ["<plan>", "</plan>"],
    onEmpty: "end",
  },
  onForkRefused: "continue",
  context: { kind: "prefix", header: { prompt: "\n<step>\n{id}:", first: "\n<step>\n{id}:", rest: "<step>\n{id}:" } },
  thread: {
    stop: ["</step>"],
    close: "\n</step>\n",
    // Normally a line feed, so the header puts none between the steps.
    tailTokens: 1,
    sampling: { repetitionPenalty: 1.02 },
    maxDepth: 5,
  },
  onThreadEnd: { eos: "continue", length: "continue", cut: "continue", failed: "continue", refused: "continue" },
  join: { shape: "append", tail: "<takeaway>\n", endTail: "" },
  after: { kind: "continue" },
  limits: { threads: 5 },
});
