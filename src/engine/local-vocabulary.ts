import type { Codec } from "./codec.ts";
import type { LocalTokenizer } from "./local-tokenizer.ts";
import type { ServerVocabulary } from "./server-vocabulary.ts";
import { compareTokenizers } from "./tokenizer-check.ts";

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
export function withoutBegin(tokenizer: LocalTokenizer): Codec {
  return {
    encode: (text, options) => tokenizer.encode(text, options),
    decode: (ids) => tokenizer.decode(tokenizer.bos !== undefined && ids[0] === tokenizer.bos ? ids.slice(1) : ids),
    renderTemplate: (messages) => tokenizer.renderTemplate(messages),
  };
}
