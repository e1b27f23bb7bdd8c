import type { Tokenizer } from "../engine.ts";
import type { IdRange } from "../id-range.ts";
import type { EngineProfile } from "../profile.ts";
import type { Tier } from "../tier.ts";
import type { Codec } from "../tokenizer/codec.ts";
import type { Prompt } from "../wire/completion-body.ts";
import type { Identity } from "./identify.ts";
import type { ServerVocabulary } from "../vocabulary.ts";

/** All that has to be known of a server before the first call. */
export interface Inspection extends Fitted {
  identity: Identity;
  /** Prompt and generated tokens of one call, at most. */
  contextTokens: number;
  maxPromptTokens: number;
}

/** A profile that a server was seen to fit, and what serves to talk to it. */
export interface Fitted {
  profile: EngineProfile;
  tier: Tier;
  codec: Codec;
  tokenizer: Tokenizer;
  /** What is sent for the ids of a prompt. */
  promptOf: (ids: readonly number[], signal?: AbortSignal) => Prompt | Promise<Prompt>;
  range: IdRange;
  vocabulary: ServerVocabulary;
  /** Whether answers say how much of the prompt was cached. */
  reportsCache: boolean;
}
