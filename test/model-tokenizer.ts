import { ByteTokenizer } from "../src/testing/index.ts";

const tokenizer = new ByteTokenizer();

/** The small model's. */
export const encode = (text: string): number[] => tokenizer.encode(text);
export const decode = (ids: readonly number[]): string => tokenizer.decode(ids);
