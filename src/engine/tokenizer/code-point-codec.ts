import { ThreadweaverError } from "../../errors.ts";
import type { Codec } from "./codec.ts";

/**
 * For servers that take text and have no tokenizer route. Each character is a token, and its id is its code point.
 * Lengths are then counted in characters. A text has at least as many characters as tokens, so this is on the safe
 * side.
 */
export class CodePointCodec implements Codec {
  async encode(text: string): Promise<number[]> {
    return this.encodeSync(text);
  }

  encodeSync(text: string): number[] {
    return Array.from(text, (character) => character.codePointAt(0) ?? 0);
  }

  async decode(ids: readonly number[]): Promise<string> {
    return ids.map((id) => String.fromCodePoint(id)).join("");
  }

  async renderTemplate(): Promise<never> {
    throw new ThreadweaverError(
      "invalid_prompt",
      "This server does not render chat templates: give the text as a prompt instead of messages.",
    );
  }
}
