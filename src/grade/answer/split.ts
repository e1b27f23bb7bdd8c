import { closers, depthStep, isSymbol, type Token } from "../read/token.ts";

/** A part between separators, and the separator in front of it. */
export interface Part {
  readonly before: Token | undefined;
  readonly tokens: readonly Token[];
}

/** Splits at the tokens that are asked for, outside of all brackets. */
export function split(tokens: readonly Token[], at: (token: Token, index: number) => boolean): Part[] {
  const parts: Part[] = [];
  let depth = 0;
  let start = 0;
  let before: Token | undefined;
  for (const [index, token] of tokens.entries()) {
    depth += depthStep(token);
    if (depth !== 0 || !at(token, index)) continue;
    parts.push({ before, tokens: tokens.slice(start, index) });
    before = token;
    start = index + 1;
  }
  return [...parts, { before, tokens: tokens.slice(start) }];
}

/** Whether the first token opens a bracket that the last one closes; of brackets of intervals any kind closes. */
export function isWrapped(tokens: readonly Token[]): boolean {
  const [first, last] = [tokens[0], tokens.at(-1)];
  if (first?.kind !== "symbol" || last?.kind !== "symbol" || tokens.length < 2) return false;
  const round = isSymbol(first, "(", "[") && isSymbol(last, ")", "]");
  if (!round && closers[first.text] !== last.text) return false;
  let depth = 0;
  for (const [index, token] of tokens.entries()) {
    depth += depthStep(token);
    if (depth === 0) return index === tokens.length - 1;
  }
  return false;
}

/** Without punctuation at its ends, and without braces that only group. */
export function trim(tokens: readonly Token[]): readonly Token[] {
  let [start, end] = [0, tokens.length];
  for (;;) {
    if (start < end && isSymbol(tokens[start], ",", ";", ":", ".", "¶", "#")) start += 1;
    else if (start < end && isSymbol(tokens[end - 1], ",", ";", ":", ".", "¶", "?")) end -= 1;
    else if (isSymbol(tokens[start], "{") && isWrapped(tokens.slice(start, end)) && end - start <= maxGrouped) {
      start += 1;
      end -= 1;
    } else return tokens.slice(start, end);
  }
}

// A group is looked through from end to end each time one is taken off: long ones have braces that mean something.
const maxGrouped = 400;
