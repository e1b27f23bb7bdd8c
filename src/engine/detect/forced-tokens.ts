import * as z from "zod";
import { greedyBody } from "../wire/completion-body.ts";
import { meaningOf } from "../wire/finish-reasons.ts";
import { idsAt, numberAt, textAt, writePath } from "../wire/json-path.ts";
import type { EngineProfile } from "../profile.ts";
import { inTurns } from "./encode-many.ts";
import { isRefusal } from "../http/refusal.ts";
import type { ServerClient } from "../http/server-client.ts";

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
  const { answer: paths } = context.profile;
  return inTurns(ids, async (id): Promise<ForcedToken> => {
    const answer = await askForced(context, [bos ?? id], 2, force, id).catch(undefinedIfRefused);
    const finish = textAt(answer, paths.finish);
    const stopped = finish !== undefined && meaningOf(finish, paths) === "stop";
    const came = paths.ids === null ? undefined : idsAt(answer, paths.ids);
    const named = paths.stopId === null ? undefined : numberAt(answer, paths.stopId);
    const ends = stopped && (came?.join() === String(id) || named === id);
    const text = textAt(answer, paths.text);
    return { id, ends, isSpecial: hide === null || text === undefined ? undefined : text === "" };
  });
}

/** Requests a completion that is not streamed and hides special tokens, with one id in a field that takes ids. */
export async function askForced(
  { client, profile, model }: ForcingContext,
  prompt: readonly number[],
  maxTokens: number,
  field: string,
  id: number,
): Promise<unknown> {
  const body = greedyBody(profile, { model, maxTokens, prompt });
  writePath(body, field, field.endsWith("logit_bias") ? { [id]: overwhelming } : [id]);
  if (profile.learn.hide !== null) writePath(body, profile.learn.hide, true);
  return client.post(profile.paths.completions, body, z.unknown());
}

function undefinedIfRefused(error: unknown): undefined {
  if (isRefusal(error)) return undefined;
  throw error;
}
