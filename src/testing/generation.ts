import type { ByteTokenizer } from "./byte-tokenizer.ts";
import type { FakeAnswer, FakeEnding } from "./options.ts";

/** What a server is asked to generate, whatever its fields are called. */
export interface Wanted {
  prompt: readonly number[];
  maxTokens: number;
  stopIds: readonly number[];
  /** The only tokens it may generate. */
  forced: number | undefined;
  /** Whether the text holds what ended the call. */
  showsStop: boolean;
}

export interface Generated {
  ids: readonly number[];
  /** `undefined`: it breaks off in the way of `ending`. */
  finish: "stop" | "length" | "abort" | undefined;
  ending: FakeEnding;
}

/** What comes of it: up to the first stop id or end of sequence, or as far as there is room. */
export function generate(
  tokenizer: ByteTokenizer,
  { maxTokens, stopIds, forced }: Wanted,
  answer: FakeAnswer,
): Generated {
  const { text, ending = "eos" } = answer;
  const said = forced === undefined ? tokenizer.encode(text) : Array.from({ length: maxTokens }, () => forced);
  const all = ending === "eos" && forced === undefined ? [...said, tokenizer.eos] : said;
  const stop = all.findIndex((id) => id === tokenizer.eos || stopIds.includes(id));
  if (stop !== -1 && stop < maxTokens) return { ids: all.slice(0, stop + 1), finish: "stop", ending: "eos" };
  if (all.length >= maxTokens) return { ids: all.slice(0, maxTokens), finish: "length", ending: "eos" };
  return { ids: all, finish: ending === "abort" ? "abort" : undefined, ending };
}
