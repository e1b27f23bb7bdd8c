import { defineDialect } from "./dialect.ts";
import type { Dialect } from "./schema.ts";

/**
 * The format of a fork that the program plans: no marker, no plan in the text. Main writes nothing before the fork.
 *
 * @param goesOn whether main goes on after a turn that the program makes of the results.
 */
export function hostFork(goesOn: boolean): Dialect {
  return defineDialect({
    name: "fork",
    version: 1,
    summary: "A fork that the program plans: each branch goes on from the same trunk.",
    threadKind: "subtasks",
    exact: { kind: "exact", tokens: "kept", why: "each branch is sent what the program gave, and nothing else" },
    needs: "chat-only",
    markers: [],
    trigger: { kind: "start" },
    plan: { source: "host" },
    onForkRefused: "end",
    context: { kind: "given" },
    thread: { stop: [], close: "", tailTokens: 0, maxDepth: 1 },
    onThreadEnd: { eos: "continue", length: "continue", cut: "continue", failed: "continue", refused: "continue" },
    join: goesOn ? { shape: "turn" } : { shape: "display" },
    after: { kind: "continue" },
    // The program says how many it wants.
    limits: { threads: 4096 },
  });
}
