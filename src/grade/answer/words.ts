import type { Token } from "../read/token.ts";

const shortWords = /^(?:yes|no|not|odd)$/i;
const articles = /\b(?:an?|the)\b/g;
const none = new Set([
  "nosolution",
  "nosolutions",
  "norealsolution",
  "norealsolutions",
  "nosuchsolution",
  "emptyset",
  "none",
  "nosolutionexists",
]);

/** Words as they are compared: small letters and digits, without articles where those do not count. */
export function wordsKey(tokens: readonly Token[], { articles: keep }: { articles: boolean }): string {
  const text = tokens
    .map(({ text, spaced }) => (spaced ? ` ${text}` : text))
    .join("")
    .toLowerCase();
  const bare = keep ? text : text.replaceAll(articles, " ");
  // A lone article is a letter.
  const key = letters(bare);
  return key === "" ? letters(text) : key;
}

function letters(text: string): string {
  return text.replaceAll(/[\s().,;'"{}[\]⦃⦄_]/g, "");
}

/** Whether there is a word in it: an answer of words is compared as words only. */
export function hasWords(tokens: readonly Token[]): boolean {
  return tokens.some(
    ({ kind, text }) => kind === "text" || (kind === "letters" && (text.length > 3 || shortWords.test(text))),
  );
}

/** `\text{no solution}` and other names of the empty set. */
export function isNoSolution(tokens: readonly Token[]): boolean {
  return (
    tokens.length < 6 &&
    tokens.every(({ kind }) => kind === "text" || kind === "letters") &&
    none.has(wordsKey(tokens, { articles: false }))
  );
}

/** `(C)` in front of anything but a sign: the letter of a choice. */
export function choiceOf(tokens: readonly Token[]): string | undefined {
  const [first, letter, close, next] = tokens;
  // Two letters are no choice.
  const all = tokens.map(({ text }) => text).join(" ");
  if (/\b(?:or|and|not)\b/i.test(all) || (all.match(/\b[A-J]\b/g) ?? []).length > 1) return undefined;
  const inText = /^\(?([A-J])\)/.exec(first?.kind === "text" ? first.text : "")?.[1];
  if (inText !== undefined) return inText.toLowerCase();
  const bracketed = first?.text === "(" && close?.text === ")" && /^[A-J]$/.test(letter?.text ?? "");
  return bracketed && next !== undefined && next.kind !== "symbol" ? letter?.text.toLowerCase() : undefined;
}
