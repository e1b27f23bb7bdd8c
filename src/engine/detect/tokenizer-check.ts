import { ThreadweaverError } from "../../errors.ts";
import type { LocalTokenizer } from "../tokenizer/local-tokenizer.ts";

/** Capital and small letters, digits, one space and two, characters of two to four bytes, a line feed. */
const ordinary = "Ab 0129  é€😀\n";
const mostControls = 100;

/**
 * Compares a tokenizer with the server's, on one text that holds what tokenizers differ in.
 *
 * @param ask returns the server's ids of a whole text; undefined where the server does not return them.
 * @returns the begin of sequence that the server adds to a text. Frameworks may override the tokenizer's file.
 * @throws `invalid_option` at the first id that differs.
 */
export async function compareTokenizers(
  tokenizer: LocalTokenizer,
  ask: (text: string) => Promise<readonly number[] | undefined>,
  address: string,
  markers: readonly string[],
): Promise<number | undefined> {
  const text = ordinary + controlsToCompare(tokenizer, markers).join("");
  const theirs = await ask(text);
  if (theirs === undefined) return tokenizer.bos;
  const ours = await tokenizer.encode(text, { bos: true });
  const body = ours.slice(ours[0] === tokenizer.bos ? 1 : 0);
  const [begin] = theirs;
  if (same(theirs, body)) return undefined;
  if (same(theirs.slice(1), body)) return begin;
  throw await differs(tokenizer, address, ours, theirs);
}

/** Markers first, because a run depends on them. */
function controlsToCompare({ addedTokens }: LocalTokenizer, markers: readonly string[]): string[] {
  const added = addedTokens.map(({ content }) => content).filter((content) => content.trim().length > 1);
  return [...new Set([...added.filter((content) => markers.includes(content)), ...added])].slice(0, mostControls);
}

function same(a: readonly number[], b: readonly number[]): boolean {
  return a.length === b.length && a.every((id, index) => id === b[index]);
}

async function differs(
  tokenizer: LocalTokenizer,
  address: string,
  ours: readonly number[],
  theirs: readonly number[],
): Promise<ThreadweaverError> {
  const longer = ours.length > theirs.length ? ours : theirs;
  const at = longer.findIndex((_, index) => ours[index] !== theirs[index]);
  const ahead = await tokenizer.decode(ours.slice(0, at));
  const place = ahead === "" ? "at the beginning of a text" : `after ${JSON.stringify(ahead.slice(-40))}`;
  const token = ours[at];
  const here = token === undefined ? "nothing" : `${token} (${JSON.stringify(await tokenizer.decode([token]))})`;
  return new ThreadweaverError(
    "invalid_option",
    `The tokenizer of ${tokenizer.source} differs from that of ${address}: ${place} it gives ${here}, and the server ` +
      `gives ${theirs[at] ?? "nothing"}. Use the folder of the model that the server runs.`,
  );
}
