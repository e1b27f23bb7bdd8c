import type { LlamaModel } from "node-llama-cpp";
import type { Decode } from "../engine/wire/piece-decoder.ts";
import { asTokens } from "./token.ts";

/** The model's tokenizer without what depends on where a text stands. */
export interface Codec {
  /** With `parse`, control tokens are read as such; markers (user-defined tokens) always are. */
  readonly tokenize: (text: string, parse: boolean) => number[];
  readonly decodeRun: Decode;
}

export function createCodec(model: LlamaModel): Codec {
  const vocabulary = model.fileInfo.metadata.tokenizer?.ggml.tokens ?? [];
  const raw = (ids: readonly number[]): string => ids.map((id) => vocabulary[id] ?? "").join("");
  // How the vocabulary writes a space: byte-level ones as the former, SentencePiece as the latter.
  const space = raw(model.tokenize("a b", false)).includes("\u0120") ? "\u0120" : "\u2581";
  const addsSpace = raw(model.tokenize("a", false)).startsWith(space);
  return {
    tokenize: addsSpace ? tokenizeAfterLineFeed(model) : (text, parse) => model.tokenize(text, parse),
    decodeRun: (ids) => restoreSpaces(model.detokenize(asTokens(ids), true), leading(space, raw(ids.slice(0, 1)))),
  };
}

/**
 * SentencePiece vocabularies put a space before a text. What is encoded here goes on after something, so the text is
 * encoded after a line feed, which merges with nothing, and the line feed is taken away again.
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
 * llama.cpp drops spaces at the beginning of what it decodes: the first in SentencePiece vocabularies, and the one
 * before a full stop, say, in those that "clean up" spaces.
 */
function restoreSpaces(text: string, spaces: number): string {
  return " ".repeat(Math.max(0, spaces - leading(" ", text))) + text;
}

function leading(character: string, text: string): number {
  let count = 0;
  while (text[count] === character) count++;
  return count;
}
