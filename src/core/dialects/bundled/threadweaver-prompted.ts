import { defineDialect } from "../dialect.ts";
import type { Dialect } from "../schema.ts";
import { byPrompt, limitsByPrompt, threadByPrompt } from "./by-prompt.ts";
import { threadweaver } from "./threadweaver.ts";

const { trained: _trained, ...format } = threadweaver;

const header = "\n<Thread>\n{id}: {text}\n";
const next = "<Thread>\n{id}: {text}\n";

const system = `You think in one of two ways.

If a problem has two or more parts that can be worked on separately, write <Parallel>, and between <Outlines> and </Outlines> one outline for each part: <Outline>1: what the part is</Outline>. Two to five outlines. Then work on each part in a thread of its own, between <Thread> and </Thread>. No thread may refer to another one. Then write </Parallel>, and answer with what the threads found.

If a problem has only one part, answer it directly, without outlines.`;

/**
 * The tags of ThreadWeaver (arXiv 2512.07843) for models that were not trained on them, by prompt alone. Each thread's
 * header has its outline's text, so that the thread keeps to it.
 *
 * For a model that was trained on the format, use `threadweaver`.
 */
export const threadweaverPrompted: Dialect = defineDialect({
  ...format,
  ...byPrompt,
  name: "threadweaver-prompted",
  summary: "The tags of ThreadWeaver (arXiv 2512.07843) by prompt, for models that were not trained on them.",
  exact: { kind: "provisional", tokens: "kept", why: "the authors prompt no model for their format" },
  differences: ["A thread's header has the text of its outline; the authors' has only its number."],
  instructions: {
    system,
    examples: [
      {
        user: "How much do 12 pens at 3 euros and 5 books at 14 euros cost together?",
        assistant: `<Parallel>
<Outlines>
<Outline>1: the price of the pens</Outline>
<Outline>2: the price of the books</Outline>
</Outlines>
<Thread>
1: the price of the pens
12 pens at 3 euros cost 12 * 3 = 36 euros.
</Thread><Thread>
2: the price of the books
5 books at 14 euros cost 5 * 14 = 70 euros.
</Thread>
</Parallel>
Together they cost 36 + 70 = 106 euros.`,
      },
      { user: "Which day comes after Monday?", assistant: "Tuesday." },
      {
        user: "Should I travel by train or by plane?",
        assistant: `<Parallel>
<Outlines>
<Outline>1: travelling by train</Outline>
<Outline>2: travelling by plane</Outline>
</Outlines>
<Thread>
1: travelling by train
A train takes you from one city centre to the other, with room to read or work, and it causes little carbon dioxide. Over long distances it takes more time.
</Thread><Thread>
2: travelling by plane
A plane is fast over long distances. You must travel to the airport and wait there, and a flight causes far more carbon dioxide.
</Thread>
</Parallel>
Take the train for a trip of up to about five hours, and the plane where the train would take far longer.`,
      },
    ],
  },
  plan: {
    source: "outline",
    after: "<Outlines>",
    item: "<Outline>{id:int}: {text}</Outline>",
    tags: ["<Outline>", "</Outline>"],
    repair: "\nThe outlines must be numbered: <Outline>1: what the part is</Outline>\n",
    onEmpty: "continue",
    form: {
      begin: "<Parallel>\n<Outlines>\n",
      item: "<Outline>{id}: {text}</Outline>\n",
      end: "</Outlines>",
      items: [2, 5],
      maxText: 120,
    },
  },
  context: { kind: "prefix", header: { prompt: header, first: header, rest: next } },
  thread: {
    stop: ["</Thread>"],
    endBefore: ["<Thread>", "</Parallel>", "<Outlines>", "\n{id}: {text}"],
    close: "\n</Thread>",
    ...threadByPrompt,
  },
  join: { shape: "append", tail: "\n</Parallel>\n", endTail: "\n</Parallel>" },
  limits: { ...limitsByPrompt, forks: 2 },
});
