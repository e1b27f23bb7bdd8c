import { ThreadweaverError } from "../../errors.ts";
import type { Codec } from "../tokenizer/codec.ts";
import type { Identity } from "./identify.ts";
import { IdRange } from "../id-range.ts";
import type { LocalTokenizer } from "../tokenizer/local-tokenizer.ts";
import type { EngineProfile } from "../profile.ts";
import { promptIdsOf } from "./prompt-ids.ts";
import type { ServerClient } from "../http/server-client.ts";
import type { CreateEngineOptions } from "../server-options.ts";
import type { ServerVocabulary } from "../vocabulary.ts";
import { TextCodec } from "../tokenizer/text-codec.ts";
import { compareTokenizers } from "./tokenizer-check.ts";

/** A local tokenizer that was compared with the server's, and its vocabulary. */
export interface LocalVocabulary {
  tokenizer: LocalTokenizer;
  vocabulary: ServerVocabulary;
}

/**
 * Checks a local tokenizer before anything is completed. The tokenizer of another model may produce ids outside the
 * vocabulary, which crash some servers.
 *
 * @param profile the best profile of the server's kind. The tokenizer's paths and fields are the same in all of them.
 * @throws `invalid_option` for another model's tokenizer.
 */
export async function checkTokenizer(
  client: ServerClient,
  { model }: Identity,
  profile: EngineProfile | undefined,
  { tokenizer, controls = [] }: CreateEngineOptions,
): Promise<LocalVocabulary | undefined> {
  if (tokenizer === undefined) return undefined;
  if (profile === undefined) return { tokenizer, vocabulary: vocabularyOf(tokenizer) };
  const ask = (text: string): Promise<number[] | undefined> => serverIdsOf(client, model, profile, text);
  const bos = await compareTokenizers(tokenizer, ask, client.address, controls);
  return { tokenizer, vocabulary: { ...vocabularyOf(tokenizer), bos } };
}

/** Asks the server's tokenizer, or its completions where a router hides the tokenizer. */
async function serverIdsOf(
  client: ServerClient,
  model: string,
  profile: EngineProfile,
  text: string,
): Promise<number[] | undefined> {
  const codec = new TextCodec(client, model, profile, new IdRange(profile.badIdsAreFatal));
  const reported = await codec.encode(text, { bos: true }).catch(undefinedIfRefused);
  return reported ?? promptIdsOf(client, model, profile, text).catch(undefinedIfRefused);
}

function undefinedIfRefused(error: unknown): undefined {
  if (ThreadweaverError.isInstance(error) && error.code === "engine_refused") return undefined;
  throw error;
}

/** What a local tokenizer knows about the vocabulary. */
export function vocabularyOf({ bos, eos, addedTokens, vocabularySize }: LocalTokenizer): ServerVocabulary {
  // Single characters and runs of white space are added tokens in some vocabularies, but they are ordinary text.
  const controls = addedTokens.filter(({ content }) => content.trim().length > 1);
  return {
    bos,
    eos: [...eos],
    controls: new Map(controls.map(({ content, id }) => [content, id])),
    size: vocabularySize,
    markers: [],
    special: new Map(controls.map(({ id, special }) => [id, special])),
  };
}

/** For a server that takes text and adds its own begin of sequence. The local one is counted, but not sent. */
export function withoutBegin({ tokenizer, vocabulary: { bos } }: LocalVocabulary): Codec {
  return {
    encode: (text, options) => tokenizer.encode(text, options),
    encodeSync: (text) => tokenizer.encodeSync?.(text),
    decode: (ids, options) => tokenizer.decode(bos !== undefined && ids[0] === bos ? ids.slice(1) : ids, options),
    renderTemplate: (messages, options) => tokenizer.renderTemplate(messages, options),
  };
}
