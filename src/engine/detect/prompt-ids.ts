import { z } from "zod";
import { completionBody, unstreamed } from "../wire/completion-body.ts";
import { idsAt } from "../wire/json-path.ts";
import type { EngineProfile } from "../profile.ts";
import type { ServerClient } from "../http/server-client.ts";

/** Where vLLM and SGLang say, besides the ids that they generate, those of the prompt. */
const path = "choices.0.prompt_token_ids";

/**
 * What a server makes of a text, begin of sequence included, where it has no tokenizer to ask: it is asked for one token
 * behind it. Undefined where it does not say. No id is sent, so none can be wrong.
 */
export async function promptIdsOf(
  client: ServerClient,
  model: string,
  profile: EngineProfile,
  text: string,
): Promise<number[] | undefined> {
  if (profile.answer.ids === null) return undefined;
  const request = { stop: { ids: [] }, sampling: { temperature: 0, topP: 1 } };
  const body = unstreamed(completionBody(profile, request, { model, maxTokens: 1, prompt: text }));
  return idsAt(await client.post(profile.paths.completions, body, z.unknown()), path);
}
