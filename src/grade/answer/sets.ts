import { Unreadable } from "../read/cursor.ts";
import { isCommand, isSymbol, type Token } from "../read/token.ts";
import type { Steps } from "../steps.ts";
import { intersect, subtract, unite, type Piece } from "../value/pieces.ts";
import type { Answer, Region } from "./answer.ts";
import { allReals, intervalOf, point } from "./region.ts";
import type { Part } from "./split.ts";

export const setSigns = ["∪", "∩", "∖"];

/** `\mathbb{R}` and the like; undefined for anything else. */
export function realsHere(tokens: readonly Token[]): Region | undefined {
  const [only] = tokens;
  return tokens.length === 1 && isCommand(only, "mathbb R", "reals") ? allReals : undefined;
}

/** Unions, intersections and differences of intervals and sets of points, from left to right. Throws `Unreadable`. */
export function readSets(parts: readonly Part[], read: (tokens: readonly Token[]) => Answer, steps: Steps): Region {
  let pieces: readonly Piece[] | undefined;
  for (const { before, tokens } of parts) {
    const next = piecesOf(read(tokens));
    if (next === undefined) throw new Unreadable("a set of something else");
    if (pieces === undefined) pieces = next;
    else if (isSymbol(before, "∪")) pieces = unite([...pieces, ...next], steps);
    else if (isSymbol(before, "∩")) pieces = intersect(pieces, next, steps);
    else pieces = subtract(pieces, next, steps);
  }
  return { kind: "region", pieces: pieces ?? [], variable: undefined };
}

/** An answer as a region; undefined for what is none. */
export function piecesOf(answer: Answer): readonly Piece[] | undefined {
  if (answer.kind === "region") return answer.pieces;
  if (answer.kind === "named") return piecesOf(answer.value);
  if (answer.kind === "tuple") {
    const interval = intervalOf(answer);
    return interval && [interval];
  }
  if (answer.kind !== "list") return undefined;
  if (!answer.braces && answer.items.every(({ kind }) => kind === "tuple")) {
    const intervals = answer.items.map(piecesOf);
    return intervals.every((found) => found !== undefined) ? intervals.flat() : undefined;
  }
  const points = answer.items.map((item) => (item.kind === "scalar" ? point(item.expression) : undefined));
  return answer.braces && points.every((found) => found !== undefined) ? points : undefined;
}
