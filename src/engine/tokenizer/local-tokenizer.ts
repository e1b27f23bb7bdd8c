import type { Codec } from "./codec.ts";

/** A token that a tokenizer's model does not make of a text by itself: a control token or a marker. */
export interface AddedToken {
  readonly id: number;
  readonly content: string;
  /** Whether it is hidden where special tokens are. Markers such as `<think>` often are not special. */
  readonly special: boolean;
}

/** A model's tokenizer in this process, so that no server has to be asked. */
export interface LocalTokenizer extends Codec {
  /** Where it came from, for people. */
  readonly source: string;
  /** What it puts before a text of its own accord. */
  readonly bos: number | undefined;
  /** Ids that end a generation, as far as the model's folder says. */
  readonly eos: readonly number[];
  readonly addedTokens: readonly AddedToken[];
  /** Ids from 0 to this one, less 1, are the model's. */
  readonly vocabularySize: number;
}

const methods = ["encode", "decode", "renderTemplate"] as const;
const lists = ["eos", "addedTokens"] as const;

/** Whether a value from outside can be used as one. */
export function isLocalTokenizer(value: unknown): value is LocalTokenizer {
  if (typeof value !== "object" || value === null) return false;
  const has = (name: string, is: (member: unknown) => boolean): boolean => is(Reflect.get(value, name));
  return (
    methods.every((name) => has(name, (member) => typeof member === "function")) &&
    lists.every((name) => has(name, Array.isArray)) &&
    has("vocabularySize", Number.isInteger)
  );
}
