import type { LlamaModel } from "node-llama-cpp";
import type { Decode } from "../engine/wire/piece-decoder.ts";
import { asTokens } from "./token.ts";

/** The model's tokenizer without the parts that depend on where a text stands. */
export interface Codec {
  /** With `parse`, control tokens are read as such. Markers (user-defined tokens) always are. */
  readonly tokenize: (text: string, parse: boolean) => number[];
  readonly decodeRun: Decode;
}

export function createCodec(model: LlamaModel): Codec {
  const vocabulary = model.fileInfo.metadata.tokenizer?.ggml.tokens ?? [];
  const raw = (ids: readonly number[]): string => ids.map((id) => vocabulary[id] ?? "").join("");
  // How the vocabulary writes a space: byte-level ones write the first character, SentencePiece the second.
  const space = raw(model.tokenize("a b", false)).includes("\u0120") ? "\u0120" : "\u2581";
  const addsSpace = raw(model.tokenize("a", false)).startsWith(space);
  return {
    tokenize: addsSpace ? tokenizeAfterLineFeed(model) : (text, parse) => model.tokenize(text, parse),
    decodeRun: (ids) => restoreSpaces(model.detokenize(asTokens(ids), true), leading(space, raw(ids.slice(0, 1)))),
  };
}

/**
 * SentencePiece vocabularies put a space before a text. A text that continues another one must not get it. So the text
 * is encoded after a line feed, which merges with nothing, and the line feed is removed again.
 */
function tokenizeAfterLineFeed(model: LlamaModel): Codec["tokenize"] {
  const head = model.tokenize("\n", false);
  return (text, parse) => {
    if (text === "") return [];
    const ids = model.tokenize(`\n${text}`, parse);
    return head.every((id, index) => ids[index] === id) ? ids.slice(head.length) : model.tokenize(text, parse);
  };
}

/**
 * llama.cpp drops spaces at the beginning of what it decodes: the first one in SentencePiece vocabularies, and in those
 * that "clean up" spaces, for example the one before a full stop.
 */
function restoreSpaces(text: string, spaces: number): string {
  return " ".repeat(Math.max(0, spaces - leading(" ", text))) + text;
}

function leading(character: string, text: string): number {
  let count = 0;
  while (text[count] === character) count++;
  return count;
}
