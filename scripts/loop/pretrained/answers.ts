import pLimit from "p-limit";
import { threadweaver } from "../../../src/core/dialects/bundled/index.ts";
import { validateFormat } from "../../../src/core/validation/validate.ts";
import type { Engine } from "../../../src/engine/engine.ts";
import { createRunner } from "../../../src/run/runner.ts";

/** A question that was asked, and what the answer did. */
export interface Asked {
  /** `made` by the rules of the texts, of other things and in other words, or `everyday`. */
  readonly kind: "made" | "everyday";
  readonly ask: string;
  /** How many threads there ought to be; undefined for some number of them. */
  readonly parts: number | undefined;
  readonly text: string;
  readonly threads: number;
  readonly isFormed: boolean;
  readonly generated: number;
  readonly criticalPath: number;
}

/** Greedy answers of at most so many tokens, eight runs at a time. */
export function answered(
  engine: Engine,
  kind: Asked["kind"],
  questions: readonly Pick<Asked, "ask" | "parts">[],
  maxTokens: number,
): Promise<Asked[]> {
  const runner = createRunner({ engine, dialect: threadweaver });
  return pLimit(8).map(questions, async ({ ask, parts }) => {
    const input = { messages: [{ role: "user", content: ask } as const] };
    const { text, threads, complete, tokens } = await runner.run(input, { temperature: 0, maxTokens }).result;
    const isFormed = complete && validateFormat(threadweaver, text).length === 0;
    const { generated, criticalPath } = tokens;
    return { kind, ask, parts, text, threads: threads.length, isFormed, generated, criticalPath };
  });
}
