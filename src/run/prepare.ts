import type { Dialect } from "../core/dialects/schema.ts";
import type { Branch, Vocabulary } from "../core/machine/protocol.ts";
import type { Piece } from "../core/trie/piece.ts";
import type { Engine } from "../engine/engine.ts";
import { roomFor } from "../engine/room.ts";
import { requireTier } from "../engine/tier.ts";
import { ThreadweaverError } from "../errors.ts";
import type { CheckedBranch } from "./fork/options.ts";
import { encodeFork } from "./fork/trunk.ts";
import type { CheckedOptions } from "./options.ts";
import type { RunInput } from "./input.ts";
import { encodePrompt } from "./prompt.ts";
import type { RunHeader } from "./recorder.ts";
import { resolveVocabulary } from "./vocabulary.ts";

export interface Prepared {
  readonly prompt: Piece;
  readonly vocabulary: Vocabulary;
  /** Of a fork that the program plans. */
  readonly branches?: readonly Branch[] | undefined;
}

/**
 * Checks that a recorded run can go on with this engine.
 *
 * @throws `invalid_option` where the engine has another vocabulary, since the run's token ids would mean something else.
 */
export async function checkEngineFits(
  header: RunHeader,
  dialect: Dialect,
  engine: Engine,
  signal: AbortSignal,
): Promise<void> {
  requireTier(dialect, engine);
  const { markers, size } = header.vocabulary;
  const { tier = "ids", model, name, tokenizer } = engine;
  const found = await resolveVocabulary(dialect, engine, signal);
  const differ = Object.keys({ ...markers, ...found.markers }).filter((m) => markers[m] !== found.markers[m]);
  const { vocabularySize } = tokenizer;
  const isOtherSize = size !== undefined && vocabularySize !== undefined && size !== vocabularySize;
  if (differ.length === 0 && !isOtherSize && tier === header.engine.tier) return;
  const why = isOtherSize
    ? `its vocabulary has ${vocabularySize} tokens, not ${size}`
    : differ.length > 0
      ? `it has other ids for ${differ.join(", ")}`
      : `it is of tier ${tier}, not ${header.engine.tier}`;
  throw new ThreadweaverError(
    "invalid_option",
    `The recorded run was made with ${header.engine.model} and cannot go on with ${model} (${name}): ${why}. Resume it with the model that it was made with.`,
  );
}

export interface Preparation {
  readonly engine: Engine;
  readonly dialect: Dialect;
  readonly options: CheckedOptions;
  /** Of a fork that the program plans. */
  readonly branches: readonly CheckedBranch[] | undefined;
}

/** All that has to be known before a run can start. Throws for what cannot be run, before tokens are paid for. */
export async function prepare(
  input: RunInput,
  { engine, dialect, options, branches }: Preparation,
  signal: AbortSignal,
): Promise<Prepared> {
  requireTier(dialect, engine);
  if (branches !== undefined) {
    const trunk = await encodeFork(input, branches, engine, options, signal);
    return { ...trunk, vocabulary: await resolveVocabulary(dialect, engine, signal) };
  }
  const prompt = await encodePrompt(
    input,
    engine,
    options,
    signal,
    options.mode === "sequential" ? undefined : dialect.instructions,
  );
  roomFor(engine, prompt.ids?.length ?? 0);
  return { prompt, vocabulary: await resolveVocabulary(dialect, engine, signal) };
}
