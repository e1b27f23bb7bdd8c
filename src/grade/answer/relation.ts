import { readExpression } from "../read/expression.ts";
import { Unreadable } from "../read/cursor.ts";
import { isCommand, isSymbol, type Token } from "../read/token.ts";
import type { Steps } from "../steps.ts";
import { difference, type Expression } from "../value/expression.ts";
import type { Piece } from "../value/pieces.ts";
import type { Answer, Named, Region } from "./answer.ts";
import { readInequality } from "./inequality.ts";
import { isLabel, labelOf } from "./label.ts";
import type { Part } from "./split.ts";

const orders = ["<", ">", "≤", "≥"];

export const relationSigns = ["=", "≠", "≈", "∈", ...orders];

/** Reads sides that relations part: equations, chains, memberships and inequalities. Throws `Unreadable`. */
export function readRelation(parts: readonly Part[], read: (tokens: readonly Token[]) => Answer, steps: Steps): Answer {
  const signs = parts.slice(1).map(({ before }) => before?.text ?? "");
  if (signs.every((sign) => sign === "=" || sign === "≈")) return readEquation(parts, signs, read, steps);
  if (signs.length === 1 && signs[0] === "∈") {
    const [left, right] = parts;
    return { ...labelled(left?.tokens ?? [], read(right?.tokens ?? [])), difference: undefined };
  }
  const sides = parts.map(({ tokens }) => readExpression(tokens, steps));
  if (signs.length === 1 && signs[0] === "≠") return readUnequal(sides);
  if (signs.every((sign) => orders.includes(sign))) return readInequality(sides, signs, parts, steps);
  throw new Unreadable("relations that do not go together");
}

function readEquation(
  parts: readonly Part[],
  signs: readonly string[],
  read: (tokens: readonly Token[]) => Answer,
  steps: Steps,
): Answer {
  // What is only approximated has its value in front of the sign.
  const cut = signs.indexOf("≈");
  const sides = cut > 0 ? parts.slice(0, cut + 1) : parts;
  const [left, right] = [sides[0]?.tokens ?? [], sides.at(-1)?.tokens ?? []];
  if (sides.length > 2) return { ...labelled(isLabel(left) ? left : [], read(right)), difference: undefined };
  const expressions = bothSides(left, right, steps);
  const equation = expressions && difference(expressions[0], expressions[1]);
  if (isLabel(left)) return { ...labelled(left, read(right)), difference: equation };
  if (isLabel(right)) return { ...labelled(right, read(left)), difference: equation };
  if (equation === undefined) throw new Unreadable("a side of an equation");
  return { kind: "equation", difference: equation };
}

function bothSides(
  left: readonly Token[],
  right: readonly Token[],
  steps: Steps,
): [Expression, Expression] | undefined {
  try {
    return [readExpression(left, steps), readExpression(right, steps)];
  } catch (error) {
    if (error instanceof Unreadable) return undefined;
    throw error;
  }
}

function labelled(left: readonly Token[], value: Answer): Omit<Named, "difference"> {
  return { kind: "named", ...labelOf(left), value };
}

function readUnequal([left, right]: readonly Expression[]): Region {
  if (left?.op !== "name" || right === undefined) throw new Unreadable("an unequal without a name");
  const below: Piece = { low: undefined, high: right, lowClosed: false, highClosed: false };
  return { kind: "region", variable: left.name, pieces: [below, { ...below, low: right, high: undefined }] };
}

/** Whether a token parts a relation's sides. */
export function isRelation(token: Token): boolean {
  return isSymbol(token, ...relationSigns) && !isCommand(token);
}
