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

/** An engine ended a call at a stop string that it did not generate. Later attempts ask for none. */
export function strayStop({ name }: Pick<Engine, "name">, string: string): ThreadweaverError {
  const message = `${name} ended a call at the stop string ${JSON.stringify(string)}, which is not in what it generated`;
  return new ThreadweaverError("engine_failed", message, { retryable: true });
}

export interface CheckedPieces {
  /** Those before the first one that is not as it must be. */
  good: Piece[];
  /** What is wrong with that one: `engine_failed`. */
  error?: ThreadweaverError;
}

/** What must hold of every piece that an engine hands over. */
export function checkPieces(
  engine: Pick<Engine, "name" | "tokenizer">,
  threadId: string,
  pieces: Piece[],
  stopIds: ReadonlySet<number>,
): CheckedPieces {
  for (let n = 0; n < pieces.length; n += 1) {
    const what = mistakeIn(pieces[n] ?? {}, engine, stopIds);
    if (what !== undefined) return { good: pieces.slice(0, n), error: contractError(engine, threadId, what) };
  }
  return { good: pieces };
}

function mistakeIn(
  { ids, text, logprobs }: Piece,
  { tokenizer }: Pick<Engine, "tokenizer">,
  stopIds: ReadonlySet<number>,
): string | undefined {
  if (text !== undefined && typeof text !== "string") return `a piece's text is ${typeof text}; it must be a string`;
  if (ids === undefined) return undefined;
  const size = tokenizer.vocabularySize ?? Infinity;
  for (const id of ids) {
    if (id >= 0 && id < size && Number.isInteger(id)) continue;
    const range = size === Infinity ? "a whole number from 0" : `a whole number from 0 to ${size - 1}`;
    return `it gave the token id ${String(id)}; an id of this vocabulary is ${range}`;
  }
  const last = ids.at(-1);
  if (ids.length > 1 && last !== undefined && stopIds.has(last)) {
    return `the token ${last} that ends the call is not a piece of its own`;
  }
  if (logprobs !== undefined && logprobs.length !== ids.length) {
    return `a piece has ${logprobs.length} log-probabilities; expected one for each of the ${ids.length} ids`;
  }
  return undefined;
}
