import { ByteTokenizer } from "../src/testing/index.ts";

/** The small model's: bytes, then these from id 256 on, after `<s>` and `</s>`. */
const tokenizer = new ByteTokenizer([
  "<pad>",
  "<think>",
  "</think>",
  "<Parallel>",
  "</Parallel>",
  "<Outlines>",
  "</Outlines>",
  "<Outline>",
  "</Outline>",
  "<Thread>",
  "</Thread>",
]);

export const encode = (text: string): number[] => tokenizer.encode(text);
export const decode = (ids: readonly number[]): string => tokenizer.decode(ids);
