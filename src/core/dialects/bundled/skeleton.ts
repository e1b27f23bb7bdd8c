import { defineDialect } from "../dialect.ts";
import type { Dialect } from "../schema.ts";
import { byPrompt, limitsByPrompt, threadByPrompt } from "./by-prompt.ts";

const header = "\n<step>\n{id}. {text}\n";

const system = `You answer in one of two ways.

If a question has two or more parts that can be worked on separately, first write a plan: one line for each part, with its number, between <plan> and </plan>. Two to five parts. Then work on each part on its own, between <step> and </step>, in a few sentences. No step may refer to another step. Then write <answer> and a short answer that brings the parts together.

If a question has only one part, answer it directly, without a plan.`;

/**
 * A plan, a step for each of its items, then the answer: for any instruct model, by prompt alone. A question of one part
 * is answered directly.
 *
 * The format is our own. The idea, a skeleton first and its points in parallel, is that of Skeleton-of-Thought (arXiv
 * 2307.15337); here the steps see the question and the plan, and the model goes on after them.
 */
export const skeleton: Dialect = defineDialect({
  ...byPrompt,
  name: "skeleton",
  version: 1,
  summary:
    "A numbered plan, a step for each item, then the answer, by prompt; after Skeleton-of-Thought (arXiv 2307.15337).",
  threadKind: "subtasks",
  exact: { kind: "provisional", tokens: "kept", why: "a format of our own; no model was trained on it" },
  instructions: {
    system,
    examples: [
      {
        user: "How much do 12 pens at 3 euros and 5 books at 14 euros cost together?",
        assistant: `<plan>
1. the price of the pens
2. the price of the books
</plan>
<step>
1. the price of the pens
12 pens at 3 euros cost 12 * 3 = 36 euros.
</step>
<step>
2. the price of the books
5 books at 14 euros cost 5 * 14 = 70 euros.
</step>
<answer>
Together they cost 36 + 70 = 106 euros.`,
      },
      { user: "Which day comes after Monday?", assistant: "Tuesday." },
      {
        user: "Should I travel by train or by plane?",
        assistant: `<plan>
1. travelling by train
2. travelling by plane
</plan>
<step>
1. travelling by train
A train takes you from one city centre to the other, with room to read or work, and it causes little carbon dioxide. Over long distances it takes more time.
</step>
<step>
2. travelling by plane
A plane is fast over long distances. You must travel to the airport and wait there, and a flight causes far more carbon dioxide.
</step>
<answer>
Take the train for a trip of up to about five hours, and the plane where the train would take far longer.`,
      },
    ],
  },
  markers: ["<plan>", "</plan>", "<step>", "</step>", "<answer>"],
  trigger: { kind: "marker", marker: "</plan>" },
  plan: {
    source: "outline",
    after: "<plan>",
    item: "{id:int}. {text}\n",
    repair: "\nThe plan needs one numbered line for each part.\n",
    onEmpty: "continue",
    form: { begin: "<plan>\n", item: "{id}. {text}\n", end: "</plan>", items: [2, 5], maxText: 120 },
  },
  context: { kind: "prefix", header: { prompt: header, first: header, rest: header } },
  thread: {
    stop: ["</step>"],
    endBefore: ["<step>", "<answer>", "<plan>", "\n{id}. {text}"],
    close: "\n</step>",
    ...threadByPrompt,
  },
  join: { shape: "append", tail: "\n<answer>\n", endTail: "" },
  limits: { ...limitsByPrompt, forks: 1 },
});
