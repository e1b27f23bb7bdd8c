import { defineDialect } from "./dialect.ts";
import type { Dialect } from "./schema.ts";

/** The format of attempts at one question: each answers the prompt itself, and nothing is joined. */
export function hostAttempts(count: number): Dialect {
  return defineDialect({
    name: "attempts",
    version: 1,
    summary: "Attempts at one question, side by side.",
    threadKind: "attempts",
    exact: { kind: "exact", tokens: "kept", why: "each attempt is sent the prompt, and nothing else" },
    needs: "chat-only",
    markers: [],
    trigger: { kind: "start" },
    plan: { source: "rounds", counts: [count] },
    onForkRefused: "end",
    context: { kind: "prompt" },
    thread: { stop: [], close: "", tailTokens: 0, maxDepth: 1 },
    onThreadEnd: { eos: "continue", length: "continue", cut: "continue", failed: "continue", refused: "continue" },
    join: { shape: "display" },
    after: { kind: "continue" },
    limits: { threads: count },
  });
}
