import { isRefusal } from "../http/refusal.ts";
import type { ServerClient } from "../http/server-client.ts";
import type { EngineProfile } from "../profile.ts";
import { meaningOf } from "../wire/finish-reasons.ts";
import { askStream } from "./ask-stream.ts";
import type { StreamAnswer } from "./ask-stream.ts";
import { inTurns } from "./encode-many.ts";

export interface ForcingContext {
  client: ServerClient;
  profile: EngineProfile;
  model: string;
}

export interface ForcedToken {
  id: number;
  /** Whether it ends a generation. */
  ends: boolean;
  /** Whether it is hidden where special tokens are hidden. Undefined where the server cannot hide them. */
  isSpecial: boolean | undefined;
}

/** A bias that makes the model choose a token, whatever it predicts. */
const overwhelming = 1000;

/**
 * Finds out what tokens do when they are generated. Each one is forced out of the model, up to twice: it ends the call
 * or not, and it appears in the text or not. Where the server has no field for this, each call tells at
 * which one it ended.
 */
export async function forceTokens(
  context: ForcingContext,
  bos: number | undefined,
  ids: readonly number[],
): Promise<ForcedToken[]> {
  const { force, hide } = context.profile.learn;
  if (force === null) return [];
  return inTurns(ids, async (id): Promise<ForcedToken> => {
    const answer = await askForced(context, [bos ?? id], { field: force, id, maxTokens: 2 }).catch(undefinedIfRefused);
    if (answer === undefined) return { id, ends: false, isSpecial: undefined };
    const chunks = answer.parts.flatMap(({ chunk }) => chunk ?? []);
    const { answer: paths } = answer.profile;
    const stopped = chunks.some(({ finish }) => finish !== undefined && meaningOf(finish, paths) === "stop");
    const came = chunks.flatMap((chunk) => chunk.ids ?? []);
    const ends = stopped && (came.join() === String(id) || chunks.some(({ stopId }) => stopId === id));
    const isKnown = hide !== null && chunks.length > 0;
    return { id, ends, isSpecial: isKnown ? chunks.every(({ text }) => text === "") : undefined };
  });
}

export interface Forced {
  /** A field that takes ids. */
  field: string;
  id: number;
  maxTokens: number;
}

/** Requests a completion that hides special tokens, with one id in a field that takes ids. */
export async function askForced(
  { client, profile, model }: ForcingContext,
  prompt: readonly number[],
  { field, id, maxTokens }: Forced,
): Promise<StreamAnswer> {
  const { hide } = profile.learn;
  const forced = { [field]: field.endsWith("logit_bias") ? { [id]: overwhelming } : [id] };
  const besides = hide === null ? forced : { ...forced, [hide]: true };
  return askStream(client, profile, { model, prompt, maxTokens, besides });
}

function undefinedIfRefused(error: unknown): undefined {
  if (isRefusal(error)) return undefined;
  throw error;
}
