import type { DialectInput } from "../schema.ts";

/** What the formats have in common whose threads are written by a model that was only told about them. */
export const byPrompt = {
  needs: "chat-continue",
  onForkRefused: "continue",
  onThreadEnd: { eos: "continue", length: "continue", cut: "continue", failed: "continue", refused: "continue" },
  after: { kind: "continue" },
} as const satisfies Partial<DialectInput>;

/** Threads of one level, which write nothing after their stop marker. */
export const threadByPrompt = { tailTokens: 0, maxDepth: 1 } as const;

/** Small models repeat themselves now and then, without end. */
export const limitsByPrompt = { threads: 16, threadTokens: 512 } as const;
