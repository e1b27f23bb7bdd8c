import { defineDialect } from "../dialect.ts";
import type { Dialect, View } from "../schema.ts";

const organizer = `You are an organizer with workers. To give a task to a worker, write <FORK-1>the task</FORK-1>, and <FORK-2>, <FORK-3> and so on for further tasks. Workers see nothing but their task, so it has to hold all that they need, and to ask for a short answer. They work while you go on. Where you need the result of the first task, write <JOIN-1>: the result is put there, and you go on after it. At the end write the answer between <ANSWER> and </ANSWER>.

If a question has only one part, answer it at once, without workers.`;

/**
 * AsyncThink (arXiv 2510.26658). An organizer writes `<FORK-1>task</FORK-1>` and continues while a worker answers the
 * task in a chat of its own. Where it writes `<JOIN-1>`, it waits, and the worker's answer is put there.
 *
 * It can be prompted: any chat model that follows instructions will do, and any engine, since whole turns are enough.
 * The authors published no code, so the tags are provisional.
 */
export const asyncthink: Dialect = defineDialect({
  name: "asyncthink",
  version: 1,
  summary:
    "AsyncThink (arXiv 2510.26658): workers start while the organizer goes on, and are joined where it asks for them.",
  threadKind: "subtasks",
  exact: {
    kind: "provisional",
    tokens: "kept",
    why: "its authors published no code; the tags are taken from secondary sources",
  },
  // Whole turns are enough: a worker's result reads like a reply to what the organizer asked for.
  needs: "chat-only",
  instructions: {
    system: organizer,
    examples: [
      {
        user: "How much do 12 pens at 3 euros and 5 books at 14 euros cost together?",
        assistant: `<FORK-1>How much do 12 pens at 3 euros each cost?</FORK-1>
<FORK-2>How much do 5 books at 14 euros each cost?</FORK-2>
The pens: <JOIN-1>36 euros</JOIN-1>
The books: <JOIN-2>70 euros</JOIN-2>
<ANSWER>Together they cost 36 + 70 = 106 euros.</ANSWER>`,
      },
      { user: "Which day comes after Monday?", assistant: "<ANSWER>Tuesday.</ANSWER>" },
    ],
  },
  differences: [
    "What tells an organizer about the format is in our words, and workers are told their task only; the authors' prompts are not published.",
    "A fork with a used id, or beyond the pool, is ignored with a warning; a join of an unknown id is filled with nothing. In the authors' training these are format errors.",
    "Workers that were not joined are cut when the organizer ends.",
    "On an endpoint that takes whole turns only, a result is sent as a user's turn, and the organizer continues in a new turn.",
  ],
  markers: ["<RETURN>", "</RETURN>", "<ANSWER>", "</ANSWER>"],
  trigger: { kind: "inline", spawn: "<FORK-{id:word}>{text}</FORK-{id}>", wait: "<JOIN-{id:word}>" },
  plan: { source: "inline" },
  onForkRefused: "continue",
  context: { kind: "chat", messages: [{ role: "user", content: "{text}" }] },
  thread: { stop: ["</RETURN>"], close: "", tailTokens: 0, maxDepth: 1 },
  onThreadEnd: { eos: "continue", length: "continue", cut: "continue", failed: "continue", refused: "continue" },
  join: { shape: "fill", each: { some: "{return}</JOIN-{id}>", none: "</JOIN-{id}>" } },
  after: { kind: "continue" },
  returns: { fn: "returned" },
  // Each spawn is a fork of one thread.
  limits: { forks: 1024 },
  functions: { returned },
});

/** The text between the return tags. A worker that forgot them returns all that it wrote. */
export function returned({ text }: View): string {
  const open = text.indexOf("<RETURN>");
  const body = open < 0 ? text : text.slice(open + "<RETURN>".length);
  const close = body.indexOf("</RETURN>");
  return close < 0 ? body : body.slice(0, close);
}
