import { defineDialect } from "../dialect.ts";
import type { Dialect, View } from "../schema.ts";

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
  differences: [
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
