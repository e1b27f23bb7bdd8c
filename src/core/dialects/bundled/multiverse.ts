import { defineDialect } from "../dialect.ts";
import type { Dialect } from "../schema.ts";
import { multiverseFamily, tagPairs } from "./multiverse-family.ts";

const family = multiverseFamily({ list: "Goal", item: "Outline", thread: "Path", summary: "Conclusion" });

/**
 * Multiverse (arXiv 2506.09991). In a `<Parallel>` block the model writes a `<Goal>` of numbered outlines; each becomes
 * a `<Path>`, which may fork again, up to five levels deep. Then the model writes a `<Conclusion>` and continues.
 *
 * It needs a model that was trained on this format, and an engine that continues any text. In the authors' engine paths
 * never see each other, also after the join, and each begins at the same position; a stock engine can do so only until
 * the join. Their evaluation adds " Think step by step and in parallel before answering." to each question.
 */
export const multiverse: Dialect = defineDialect({
  ...family,
  name: "multiverse",
  summary: "Multiverse (arXiv 2506.09991): a goal of outlines, paths that may fork again, conclusion.",
  differences: [
    "A path that did not close itself is closed; the authors' engine merges it as it is.",
    "A goal of more than 64 outlines is refused with a warning and decoding goes on; the authors' engine has no limit.",
    "A fork is not refused because few tokens are left; the authors' engine refuses one with fewer than about 30.",
    "A stray </Path> in the main text is text; the authors' requests name it as a stop everywhere.",
    "A goal without a readable outline starts nothing and decoding goes on; what the authors' engine does is not known to us.",
  ],
  markers: tagPairs("Think", "Parallel", "Goal", "Outline", "Path", "Conclusion"),
  thinkingEnd: "</Think>",
  // The model closes the block itself, unless it ends at the join.
  join: { ...family.join, endTail: "<Conclusion>\n</Conclusion>\n</Parallel>" },
});
