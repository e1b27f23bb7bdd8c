import type { Codec } from "./codec.ts";

/** A token that was added to a vocabulary: a control token or a marker. */
export interface AddedToken {
  readonly id: number;
  readonly content: string;
  /** Whether it is hidden where special tokens are hidden. Markers such as `<think>` often are not special. */
  readonly special: boolean;
}

/** A model's tokenizer in this process, so that the server's is not needed. */
export interface LocalTokenizer extends Codec {
  /** Where it was loaded from, for messages. */
  readonly source: string;
  /** The begin of sequence that it adds to a text. Undefined: none. */
  readonly bos: number | undefined;
  /** Ids that end a generation, as far as the model's folder says. */
  readonly eos: readonly number[];
  readonly addedTokens: readonly AddedToken[];
  /** Number of ids of the model, which go from 0 to one less than this. */
  readonly vocabularySize: number;
}

const methods = ["encode", "decode", "renderTemplate"] as const;
const lists = ["eos", "addedTokens"] as const;

/** Whether a value that a caller passed can be used as a local tokenizer. */
export function isLocalTokenizer(value: unknown): value is LocalTokenizer {
  if (typeof value !== "object" || value === null) return false;
  const has = (name: string, is: (member: unknown) => boolean): boolean => is(Reflect.get(value, name));
  return (
    methods.every((name) => has(name, (member) => typeof member === "function")) &&
    lists.every((name) => has(name, Array.isArray)) &&
    has("vocabularySize", Number.isInteger)
  );
}
