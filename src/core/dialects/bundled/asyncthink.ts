import { defineDialect } from "../dialect.ts";
import type { Dialect, View } from "../schema.ts";

export const asyncthink: Dialect = defineDialect({
  name: "asyncthink",
  version: 1,
  summary: "AsyncThink (arXiv 2510.26658): workers are sent off while the organizer goes on, and joined where it asks.",
  threadKind: "subtasks",
  exact: {
    kind: "provisional",
    tokens: "kept",
    why: "its authors published no code; the tags are read from secondary pages",
  },
  // Prompted, not trained: what a worker returns is an answer to what the organizer asked for.
  needs: "chat-only",
  differences: [
    "A fork with a used id, or beyond the pool, is ignored with a warning; a join of an unknown id is filled with nothing. In the authors' training these are format errors.",
    "Workers that nobody joined are cut when the organizer ends.",
    "On an endpoint that takes whole turns only, what is joined is a turn of the user, and the organizer goes on in a new one.",
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

/** What stands between the return tags; a worker that forgot them returns all it wrote. */
export function returned({ text }: View): string {
  const open = text.indexOf("<RETURN>");
  const body = open < 0 ? text : text.slice(open + "<RETURN>".length);
  const close = body.indexOf("</RETURN>");
  return close < 0 ? body : body.slice(0, close);
}
