import { defineDialect } from "../dialect.ts";
import type { Dialect } from "../schema.ts";

/**
 * ThreadWeaver as its authors released it (arXiv 2512.07843). The model writes a numbered outline inside `<Parallel>`
 * and `<Outlines>`; each item becomes a thread, `<Thread>1: …</Thread>`, and the model continues after the last one.
 *
 * It needs a model that was trained on this format, and an engine that continues any text (see `needs`); an engine that
 * takes token ids reproduces the authors' requests exactly.
 */
export const threadweaver: Dialect = defineDialect({
  name: "threadweaver",
  version: 1,
  summary:
    "ThreadWeaver as released (arXiv 2512.07843): a numbered outline, one thread for each number, no conclusion.",
  threadKind: "subtasks",
  exact: {
    kind: "exact",
    tokens: "kept",
    why: "every call is sent the ids that the authors' training-time loop sends; only headers and closers are encoded",
  },
  trained: "tokens",
  differences: [
    "A plan is searched for in what the model wrote since the last join; the authors search the whole context, so their loop runs an old plan again at a stray </Outlines>, or one from the user's prompt.",
    "A fork beyond 32, or a plan of more than 64 threads, is refused with a warning and decoding goes on; the authors' loop stops after 32 steps and leaves the block open.",
    "A thread that was cut or that failed is closed like any other and the run goes on; the authors' loop throws the whole rollout away and decodes it again sequentially.",
  ],
  markers: [
    "<Think>",
    "</Think>",
    "<Parallel>",
    "</Parallel>",
    "<Outlines>",
    "</Outlines>",
    "<Outline>",
    "</Outline>",
    "<Thread>",
    "</Thread>",
    "<Conclusion>",
    "</Conclusion>",
  ],
  thinkingEnd: "</think>",
  trigger: { kind: "marker", marker: "</Outlines>" },
  plan: {
    source: "outline",
    after: "<Outlines>",
    item: "<Outline>~{id:dotted}~:",
    tags: ["<Outline>", "</Outline>"],
    onEmpty: "continue",
  },
  onForkRefused: "continue",
  context: {
    kind: "prefix",
    header: { prompt: "\n<Thread>\n{id}:", first: "\n<Thread>\n{id}:", rest: "<Thread>\n{id}:" },
  },
  thread: { stop: ["</Thread>"], close: "\n</Thread>", tailTokens: 0, maxDepth: 1 },
  // When a thread runs out of tokens, the authors' loop closes the block and ends the run; it never cuts a thread.
  onThreadEnd: { eos: "end", length: "end", cut: "continue", failed: "continue", refused: "continue" },
  join: { shape: "append", tail: "\n", endTail: "\n</Parallel>" },
  after: { kind: "continue" },
});

/**
 * The older mode of ThreadWeaver: after the threads the model first writes a `<Conclusion>` that sums them up. For
 * models that were trained with conclusions; otherwise the same as `threadweaver`.
 */
export const threadweaverConclusion: Dialect = defineDialect({
  ...threadweaver,
  name: "threadweaver-conclusion",
  summary: "ThreadWeaver with a conclusion: after the threads the model sums them up before it continues.",
  join: { shape: "append", tail: "\n<Conclusion>\n", endTail: "\n<Conclusion>\n</Conclusion>\n</Parallel>" },
});
