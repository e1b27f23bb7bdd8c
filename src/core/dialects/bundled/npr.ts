import { defineDialect } from "../dialect.ts";
import type { Dialect } from "../schema.ts";
import { multiverseFamily, tagPairs } from "./multiverse-family.ts";

const family = multiverseFamily({ list: "guideline", item: "plan", thread: "step", summary: "takeaway" });

/**
 * Native Parallel Reasoner (arXiv 2512.07461). The model writes a `<guideline>` of numbered plans; each becomes a
 * `<step>`, which may fork again, up to five levels deep. Then the model writes a `<takeaway>` and continues.
 *
 * It needs a model that was trained on this format, and an engine that continues any text. In the authors' engine steps
 * never see each other, also after the join; a stock engine can do so only until the join.
 */
export const npr: Dialect = defineDialect({
  ...family,
  name: "npr",
  summary: "Native Parallel Reasoner (arXiv 2512.07461): guideline, steps that may fork again, takeaway.",
  differences: [
    "A guideline of more than five plans, or one too deep, is refused with a warning and decoding goes on; the authors' engine ends the request at more than five.",
    "A step that did not close itself is closed; the authors' engine merges it as it is.",
    "A stray </step> in the main text is text; the authors' engine ends the request at the next guideline.",
  ],
  markers: tagPairs("guideline", "plan", "step", "takeaway"),
  thinkingEnd: "</think>",
  plan: { ...family.plan, onEmpty: "end" },
  thread: { ...family.thread, sampling: { repetitionPenalty: 1.02 } },
  limits: { threads: 5 },
});
