import { markersOf } from "../core/dialects/markers.ts";
import type { Dialect } from "../core/dialects/schema.ts";
import type { Vocabulary } from "../core/machine/protocol.ts";
import type { Engine } from "../engine/engine.ts";

/** Finds out which of a dialect's markers are one token here; those that are not will be found in the text. */
export async function resolveVocabulary(
  dialect: Dialect,
  { tokenizer, tier = "ids" }: Engine,
  signal: AbortSignal,
): Promise<Vocabulary> {
  const markers: Record<string, number> = {};
  if (tier !== "ids") return { eos: tokenizer.eos, markers };
  for (const marker of markersOf(dialect)) {
    const ids = await tokenizer.encode(marker, { controls: "parse", signal });
    const [id] = ids;
    if (ids.length === 1 && id !== undefined) markers[marker] = id;
  }
  return { eos: tokenizer.eos, markers };
}
