import type { Codec } from "../tokenizer/codec.ts";

/** A digit is a token of its own in vocabularies that people use, and joins none of the texts that are asked about. */
const separator = "0";
/** Requests at once. */
const atOnce = 3;

/**
 * Encodes many short texts with two requests: all of them in one text, with a digit between any two. Where the digits
 * are not tokens of their own there, each text is encoded by itself.
 */
export async function encodeMany(codec: Codec, texts: readonly string[]): Promise<[text: string, ids: number[]][]> {
  const joined = texts.some((text) => text.includes(separator)) ? undefined : await encodeJoined(codec, texts);
  if (joined !== undefined) return texts.map((text, index) => [text, joined[index] ?? []]);
  return inTurns(texts, async (text) => [text, await codec.encode(text)]);
}

async function encodeJoined(codec: Codec, texts: readonly string[]): Promise<number[][] | undefined> {
  const [, digit, ...rest] = await codec.encode(`a${separator}a`);
  if (digit === undefined || rest.length !== 1) return undefined;
  const ids = await codec.encode(`a${separator}${texts.map((text) => text + separator).join("")}a`);
  const found: number[][] = [[]];
  for (const id of ids) {
    if (id === digit) found.push([]);
    else found.at(-1)?.push(id);
  }
  // One before the first digit, one after each of them.
  const parts = found.slice(1, -1);
  return parts.length === texts.length && parts.every((part) => part.length > 0) ? parts : undefined;
}

/** Does something with each value, a few at a time. */
export async function inTurns<T, R>(values: readonly T[], work: (value: T) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  for (let at = 0; at < values.length; at += atOnce) {
    // oxlint-disable-next-line no-await-in-loop -- that is what it is for
    results.push(...(await Promise.all(values.slice(at, at + atOnce).map(work))));
  }
  return results;
}
