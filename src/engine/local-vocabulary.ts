import type { Codec } from "./codec.ts";
import type { Identity } from "./detect.ts";
import { IdRange } from "./id-range.ts";
import type { LocalTokenizer } from "./local-tokenizer.ts";
import type { EngineProfile } from "./profile.ts";
import type { ServerClient } from "./server-client.ts";
import type { CreateEngineOptions } from "./server-options.ts";
import type { ServerVocabulary } from "./server-vocabulary.ts";
import { TextCodec } from "./text-codec.ts";
import { compareTokenizers } from "./tokenizer-check.ts";

/** A tokenizer that was compared with the server's, and what both know. */
export interface LocalVocabulary {
  tokenizer: LocalTokenizer;
  vocabulary: ServerVocabulary;
}

/**
 * Before anything is completed: ids of another model's tokenizer may be beyond the vocabulary, which ends some servers.
 *
 * @param profile the best of the server's kind: what it calls its tokenizer's paths and fields is the same in all.
 */
export async function checkTokenizer(
  client: ServerClient,
  { model }: Identity,
  profile: EngineProfile | undefined,
  { tokenizer, controls = [] }: CreateEngineOptions,
): Promise<LocalVocabulary | undefined> {
  if (tokenizer === undefined) return undefined;
  const asks = profile !== undefined && profile.paths.tokenize !== null;
  const server = asks ? new TextCodec(client, model, profile, new IdRange(profile.badIdsAreFatal)) : undefined;
  return { tokenizer, vocabulary: await vocabularyOf(tokenizer, server, client.address, controls) };
}

/**
 * What a local tokenizer knows of the vocabulary.
 *
 * @param server the server's own tokenizer, where it has one; the two are compared.
 * @throws `invalid_option` when they differ.
 */
export async function vocabularyOf(
  tokenizer: LocalTokenizer,
  server: Codec | undefined,
  address: string,
  markers: readonly string[],
): Promise<ServerVocabulary> {
  const { eos, addedTokens, vocabularySize } = tokenizer;
  // Single characters and runs of white space are added tokens in some vocabularies, and ordinary text all the same.
  const controls = addedTokens.filter(({ content }) => content.trim().length > 1);
  const bos = server === undefined ? tokenizer.bos : await compareTokenizers(tokenizer, server, address, markers);
  return {
    bos,
    eos: [...eos],
    controls: new Map(controls.map(({ content, id }) => [content, id])),
    size: vocabularySize,
  };
}

/** For a server that takes text, and puts its own begin of sequence before it: ours is counted, but not shown. */
export function withoutBegin({ tokenizer, vocabulary: { bos } }: LocalVocabulary): Codec {
  return {
    encode: (text, options) => tokenizer.encode(text, options),
    decode: (ids) => tokenizer.decode(bos !== undefined && ids[0] === bos ? ids.slice(1) : ids),
    renderTemplate: (messages) => tokenizer.renderTemplate(messages),
  };
}
