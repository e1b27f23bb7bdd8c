import type { Piece } from "../../core/trie/piece.ts";
import type { Engine } from "../../engine/engine.ts";
import { ThreadweaverError } from "../../errors.ts";

/** An engine did what its interface forbids. `engine_failed`, saying what came, for which call, and what was expected. */
export function contractError({ name }: Pick<Engine, "name">, threadId: string, what: string): ThreadweaverError {
  return new ThreadweaverError(
    "engine_failed",
    `the engine ${name} broke its contract (the doc comment of Engine) in a call of thread ${threadId}: ${what}`,
  );
}

/** What must hold of every piece that an engine hands over. Throws `engine_failed`. */
export function checkPieces(
  engine: Pick<Engine, "name" | "tokenizer">,
  threadId: string,
  pieces: readonly Piece[],
  stopIds: ReadonlySet<number>,
): void {
  const size = engine.tokenizer.vocabularySize ?? Infinity;
  for (const { ids, text, logprobs } of pieces) {
    if (text !== undefined && typeof text !== "string") {
      throw contractError(engine, threadId, `a piece's text is ${typeof text}; it must be a string`);
    }
    if (ids === undefined) continue;
    for (const id of ids) {
      if (id >= 0 && id < size && Number.isInteger(id)) continue;
      const range = size === Infinity ? "a whole number from 0" : `a whole number from 0 to ${size - 1}`;
      throw contractError(engine, threadId, `it gave the token id ${String(id)}; an id of this vocabulary is ${range}`);
    }
    const last = ids.at(-1);
    if (ids.length > 1 && last !== undefined && stopIds.has(last)) {
      throw contractError(engine, threadId, `the token ${last} that ends the call is not a piece of its own`);
    }
    if (logprobs !== undefined && logprobs.length !== ids.length) {
      const expected = `expected one for each of the ${ids.length} ids`;
      throw contractError(engine, threadId, `a piece has ${logprobs.length} log-probabilities; ${expected}`);
    }
  }
}
