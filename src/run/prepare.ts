import type { Dialect } from "../core/dialects/schema.ts";
import type { Vocabulary } from "../core/machine/protocol.ts";
import type { Piece } from "../core/trie/piece.ts";
import type { Engine } from "../engine/engine.ts";
import { roomFor } from "../engine/room.ts";
import { requireTier } from "../engine/tier.ts";
import type { CheckedOptions, RunInput } from "./options.ts";
import { encodePrompt } from "./prompt.ts";
import { resolveVocabulary } from "./vocabulary.ts";

export interface Prepared {
  readonly prompt: Piece;
  readonly vocabulary: Vocabulary;
}

/** All that has to be known before a run can start. Throws for what cannot be run, before tokens are paid for. */
export async function prepare(
  input: RunInput,
  engine: Engine,
  dialect: Dialect,
  { specialInPrompt }: CheckedOptions,
  signal: AbortSignal,
): Promise<Prepared> {
  requireTier(dialect, engine);
  const prompt = await encodePrompt(input, engine, specialInPrompt, signal);
  roomFor(engine, prompt.ids?.length ?? 0);
  return { prompt, vocabulary: await resolveVocabulary(dialect, engine, signal) };
}
