import type { LlamaModel } from "node-llama-cpp";

export interface Vocabulary {
  /** Undefined where the model's own rule puts none before a prompt. */
  bos: number | undefined;
  /** Every id that ends a generation: end of sequence, end of turn, end of message. */
  eos: number[];
  /** Control strings and their ids. */
  controls: Map<string, number>;
  vocabularySize: number;
  /** Begin, end of sequence and padding. */
  silent: Set<number>;
}

/** Looks at every token once: about 0.1 s for 150,000. */
export function readVocabulary(model: LlamaModel): Vocabulary {
  const ids = [...model.iterateAllTokens()];
  const eos = ids.filter((id) => model.isEogToken(id));
  const padding = model.fileInfo.metadata.tokenizer?.ggml.padding_token_id;
  const { bos, shouldPrependBosToken } = model.tokens;
  return {
    bos: shouldPrependBosToken ? (bos ?? undefined) : undefined,
    eos,
    controls: new Map(ids.filter((id) => isControl(model, id)).map((id) => [model.detokenize([id], true), id])),
    vocabularySize: ids.length,
    silent: new Set([bos, padding, ...eos].filter((id) => id !== undefined && id !== null)),
  };
}

/**
 * Whether a token is a control token or a marker. Runs of white space, which some vocabularies give the same type, and
 * single characters are ordinary text.
 */
function isControl(model: LlamaModel, id: LlamaModel["tokens"]["bos"] & number): boolean {
  const { control, userDefined, unknown } = model.getTokenAttributes(id);
  return (control || userDefined || unknown) && model.detokenize([id], true).trim().length > 1;
}
