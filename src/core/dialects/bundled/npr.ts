import { defineDialect } from "../dialect.ts";
import type { Dialect } from "../schema.ts";

export const npr: Dialect = defineDialect({
  name: "npr",
  version: 1,
  summary: "Native Parallel Reasoner (arXiv 2512.07461): guideline, steps that may fork again, takeaway.",
  threadKind: "subtasks",
  exact: {
    kind: "untilJoin",
    tokens: "kept",
    why: "in the authors' engine steps share positions and never see each other; a stock engine reads them one behind the other",
  },
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
    // Normally a line feed, which is why the splice puts none between steps.
    tailTokens: 1,
    sampling: { repetitionPenalty: 1.02 },
    maxDepth: 5,
  },
  onThreadEnd: { eos: "continue", length: "continue", cut: "continue", failed: "continue", refused: "continue" },
  join: { shape: "append", tail: "<takeaway>\n", endTail: "" },
  after: { kind: "continue" },
  limits: { threads: 5 },
});
