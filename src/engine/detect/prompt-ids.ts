import { idsAt } from "../wire/json-path.ts";
import type { EngineProfile } from "../profile.ts";
import type { ServerClient } from "../http/server-client.ts";
import { askStream } from "./ask-stream.ts";

/**
 * Finds out how a server without a tokenizer route encodes a text, begin of sequence included, by requesting one token
 * after it. Undefined where the server does not return the prompt's ids. No id is sent, so none can be wrong.
 */
export async function promptIdsOf(
  client: ServerClient,
  model: string,
  profile: EngineProfile,
  text: string,
): Promise<number[] | undefined> {
  const { promptIds: path } = profile.answer;
  if (path === null) return undefined;
  const { data } = await askStream(client, profile, { model, prompt: text });
  return data.map((one) => idsAt(JSON.parse(one), path)).find((ids) => ids !== undefined);
}
