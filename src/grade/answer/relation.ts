import { readExpression } from "../read/expression.ts";
import { Unreadable } from "../read/cursor.ts";
import { isCommand, isSymbol, type Token } from "../read/token.ts";
import type { Policy } from "../policy.ts";
import type { Steps } from "../steps.ts";
import { difference, type Expression } from "../value/expression.ts";
import type { Piece } from "../value/pieces.ts";
import type { Answer, Named, Region } from "./answer.ts";
import { realOf } from "../value/real.ts";
import { readInequality } from "./inequality.ts";
import { isLabel, labelOf } from "./label.ts";
import type { Part } from "./split.ts";

const orders = ["<", ">", "≤", "≥"];

const relationSigns = ["=", "≠", "≈", "∈", ...orders];

/** How the sides of a relation are read. */
interface SideReader {
  readonly read: (tokens: readonly Token[]) => Answer;
  readonly steps: Steps;
  readonly policy: Policy;
}

/** Reads sides that relations part: equations, chains, memberships and inequalities. Throws `Unreadable`. */
export function readRelation(parts: readonly Part[], reader: SideReader): Answer {
  const { read, steps } = reader;
  const signs = parts.slice(1).map(({ before }) => before?.text ?? "");
  if (signs.every((sign) => sign === "=" || sign === "≈")) return readEquation(parts, signs, reader);
  if (signs.length === 1 && signs[0] === "∈") {
    const [left, right] = parts;
    return { ...labelled(left?.tokens ?? [], read(right?.tokens ?? [])), difference: undefined };
  }
  const sides = parts.map(({ tokens }) => readExpression(tokens, steps));
  if (signs.length === 1 && signs[0] === "≠") return readUnequal(sides);
  if (signs.every((sign) => orders.includes(sign))) return readInequality(sides, signs, parts, steps);
  throw new Unreadable("relations that do not go together");
}

function readEquation(parts: readonly Part[], signs: readonly string[], { read, steps, policy }: SideReader): Answer {
  // What is only approximated has its value in front of the sign, unless only a name or nothing stands there.
  const cut = signs.indexOf("≈");
  const exact = cut > 0 || (cut === 0 && !isLabel(parts[0]?.tokens ?? []) && parts[0]?.tokens.length !== 0);
  const sides = (exact ? parts.slice(0, cut + 1) : parts).filter(({ tokens }) => tokens.length > 0);
  const [left, right] = [sides[0]?.tokens ?? [], sides.at(-1)?.tokens ?? []];
  if (sides.length === 1) return read(left);
  const values = sides.map(({ tokens }) => numberIn(tokens, steps));
  if (policy.chains === "agree") refuseContradiction(values);
  if (sides.length > 2 || values.every((value) => value !== undefined))
    return { ...labelled(isLabel(left) ? left : [], read(right)), difference: undefined };
  const equation = bothSides(left, right, steps);
  if (isLabel(left)) return { ...labelled(left, read(right)), difference: equation };
  if (isLabel(right)) return { ...labelled(right, read(left)), difference: equation };
  if (equation === undefined) throw new Unreadable("a side of an equation");
  return { kind: "equation", difference: equation };
}

function numberIn(tokens: readonly Token[], steps: Steps): number | undefined {
  const expression = tryExpression(tokens, steps);
  return expression && realOf(expression, steps);
}

/** A chain whose numbers differ says two things. */
function refuseContradiction(values: readonly (number | undefined)[]): void {
  const numbers = values.filter((value) => value !== undefined);
  const [first = 0] = numbers;
  const agree = numbers.every((value) => Math.abs(value - first) <= 1e-9 * Math.max(Math.abs(value), Math.abs(first)));
  if (!agree) throw new Unreadable("a chain that contradicts itself");
}

function bothSides(left: readonly Token[], right: readonly Token[], steps: Steps): Expression | undefined {
  const [first, second] = [tryExpression(left, steps), tryExpression(right, steps)];
  return first && second && difference(first, second);
}

function tryExpression(tokens: readonly Token[], steps: Steps): Expression | undefined {
  try {
    return readExpression(tokens, steps);
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
