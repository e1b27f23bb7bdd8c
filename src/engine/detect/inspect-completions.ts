import * as z from "zod";
import { ThreadweaverError } from "../../errors.ts";
import { CodePointCodec } from "../tokenizer/code-point-codec.ts";
import type { Codec } from "../tokenizer/codec.ts";
import { greedyBody } from "../wire/completion-body.ts";
import type { Identity } from "./identify.ts";
import { IdRange } from "../id-range.ts";
import type { Fitted } from "./inspection.ts";
import { withoutBegin } from "./local-vocabulary.ts";
import type { LocalVocabulary } from "./local-vocabulary.ts";
import type { EngineProfile } from "../profile.ts";
import { isRefusal } from "../http/refusal.ts";
import { ReplyReader } from "../wire/reply.ts";
import type { ServerClient } from "../http/server-client.ts";
import { ServerTokenizer } from "../tokenizer/server-tokenizer.ts";
import { learnVocabulary, suspectControls } from "./server-vocabulary.ts";
import { unknownVocabulary } from "../vocabulary.ts";
import type { ServerVocabulary } from "../vocabulary.ts";
import { TextCodec } from "../tokenizer/text-codec.ts";

/** Returns the first profile that the server fits, or undefined where it refuses them all. */
export async function inspectCompletions(
  client: ServerClient,
  identity: Identity,
  profiles: readonly EngineProfile[],
  controls: readonly string[],
  local: LocalVocabulary | undefined,
): Promise<Fitted | undefined> {
  for (const profile of profiles) {
    try {
      // oxlint-disable-next-line no-await-in-loop -- the next is tried only if this one does not fit
      return await tryProfile(client, identity, profile, controls, local);
    } catch (error) {
      if (!isRefusal(error)) throw error;
    }
  }
  return undefined;
}

async function tryProfile(
  client: ServerClient,
  { model, vocabularySize, eosToken }: Identity,
  profile: EngineProfile,
  controls: readonly string[],
  local: LocalVocabulary | undefined,
): Promise<Fitted> {
  const range = new IdRange(profile.badIdsAreFatal);
  const server = profile.paths.tokenize === null ? undefined : new TextCodec(client, model, profile, range);
  const codec = chooseCodec(profile, server, local);
  const asText = profile.request.promptAs === "text";
  const reportsCache = await checkCompletion(
    client,
    model,
    profile,
    asText ? "a" : await codec.encode("a", { bos: true }),
  );
  const vocabulary =
    codec instanceof CodePointCodec
      ? unknownVocabulary()
      : await learnVocabulary({ client, codec, profile, model }, controls, local?.vocabulary);
  if (eosToken !== undefined && eosToken !== "") addEos(vocabulary, await codec.encode(eosToken));
  vocabulary.size ??= vocabularySize;
  range.size = vocabulary.size;
  return {
    profile,
    tier: profile.answer.ids === null ? "text" : "ids",
    codec,
    tokenizer: new ServerTokenizer(codec, vocabulary, asText ? suspectControls(controls) : undefined),
    promptOf: (ids, signal) => (asText ? codec.decode(ids, { signal }) : ids),
    range,
    vocabulary,
    reportsCache,
  };
}

function addEos({ eos }: ServerVocabulary, [id, ...more]: readonly number[]): void {
  if (id !== undefined && more.length === 0 && !eos.includes(id)) eos.push(id);
}

/** With a local tokenizer, the server's is not used, and need not exist. */
function chooseCodec(profile: EngineProfile, server: TextCodec | undefined, local: LocalVocabulary | undefined): Codec {
  if (local === undefined) return server ?? new CodePointCodec();
  return profile.request.promptAs === "text" ? withoutBegin(local) : local.tokenizer;
}

/** Requests one token, to see whether the server understands the profile. Returns whether it reports cached tokens. */
async function checkCompletion(
  client: ServerClient,
  model: string,
  profile: EngineProfile,
  prompt: readonly number[] | string,
): Promise<boolean> {
  const body = greedyBody(profile, { model, maxTokens: 1, prompt });
  const answer = await client.post(profile.paths.completions, body, z.record(z.string(), z.unknown()));
  const { chunk, error, idless, cachedTokens } = new ReplyReader(profile).read(JSON.stringify(answer));
  if (error !== undefined) throw refused(`${client.address} answered: ${error.message}`);
  if (idless === true || chunk === undefined || chunk.ids?.length === 0) {
    throw refused(`${client.address} answers ${profile.paths.completions} without token ids.`);
  }
  return cachedTokens !== undefined;
}

function refused(message: string): ThreadweaverError {
  return new ThreadweaverError("engine_refused", message);
}
