import type { EngineWarning, Tokenizer } from "../engine.ts";
import type { IdRange } from "../id-range.ts";
import type { EngineProfile } from "../profile.ts";
import type { Tier } from "../tier.ts";
import type { Codec } from "../tokenizer/codec.ts";
import type { Prompt } from "../wire/completion-body.ts";
import type { Identity } from "./identify.ts";
import type { ServerVocabulary } from "../vocabulary.ts";

/** All that has to be known about a server before the first call. */
export interface Inspection extends Fitted {
  identity: Identity;
  /** Most tokens of one call, prompt and generated tokens together. Infinity: unknown. */
  contextTokens: number;
  /** What was noticed on the way, besides what follows from the rest. */
  noticed: readonly EngineWarning[];
}

/** A profile that a server fits, and what is needed to talk to it. */
export interface Fitted {
  profile: EngineProfile;
  tier: Tier;
  codec: Codec;
  tokenizer: Tokenizer;
  /** Turns the ids of a prompt into what is sent. */
  promptOf: (ids: readonly number[], signal?: AbortSignal) => Prompt | Promise<Prompt>;
  range: IdRange;
  vocabulary: ServerVocabulary;
  /** Whether answers report how much of the prompt was cached. */
  reportsCache: boolean;
}
