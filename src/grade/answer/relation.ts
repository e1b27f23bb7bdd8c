import { readExpression } from "../read/expression.ts";
import { Unreadable } from "../read/cursor.ts";
import { isCommand, isSymbol, keyOf, type Token } from "../read/token.ts";
import type { Steps } from "../steps.ts";
import { difference, namesIn, negated, some, type Expression } from "../value/expression.ts";
import { exact } from "../value/exact.ts";
import { replaced } from "../value/rename.ts";
import type { Piece } from "../value/pieces.ts";
import type { Answer, Named, Region } from "./answer.ts";
import { isLabel, labelOf } from "./label.ts";
import { mirrored, openAtInfinity } from "./region.ts";
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

function readInequality(
  sides: readonly Expression[],
  signs: readonly string[],
  parts: readonly Part[],
  steps: Steps,
): Answer {
  const turned = signs.every((sign) => sign === ">" || sign === "≥");
  if (!turned && !signs.every((sign) => sign === "<" || sign === "≤")) throw new Unreadable("signs both ways");
  const ordered = turned ? [...sides].reverse() : sides;
  const strict = (turned ? [...signs].reverse() : signs).map((sign) => sign === "<" || sign === ">");
  const [first, second, third] = ordered;
  if (first === undefined || second === undefined || ordered.length > 3) throw new Unreadable("a long inequality");
  const [lowOpen = false, highOpen = false] = strict;
  if (third !== undefined) {
    return solved(
      second,
      { low: first, high: third, lowClosed: !lowOpen, highClosed: !highOpen },
      parts[1]?.tokens,
      steps,
    );
  }
  const free = [first, second].map((side) => namesIn(side).size > 0);
  const tokens = (turned ? [...parts].reverse() : parts).map((part) => part.tokens);
  if (free[0] === true && free[1] === false) {
    return solved(first, { low: undefined, high: second, lowClosed: false, highClosed: !lowOpen }, tokens[0], steps);
  }
  if (free[0] === false && free[1] === true) {
    return solved(second, { low: first, high: undefined, lowClosed: !lowOpen, highClosed: false }, tokens[1], steps);
  }
  // `k ≥ n + 1` is solved for its lone name.
  if (first.op === "name" && !namesIn(second).has(first.name)) {
    return solved(first, { low: undefined, high: second, lowClosed: false, highClosed: !lowOpen }, tokens[0], steps);
  }
  if (second.op === "name" && !namesIn(first).has(second.name)) {
    return solved(second, { low: first, high: undefined, lowClosed: !lowOpen, highClosed: false }, tokens[1], steps);
  }
  return { kind: "inequality", difference: difference(second, first), strict: lowOpen };
}

/** The values of a name that is between two ends; also of `|x|`, of `-x`, and of what is linear in x. */
function solved(middle: Expression, ends: Piece, tokens: readonly Token[] | undefined, steps: Steps): Answer {
  const piece = openAtInfinity(ends);
  if (piece === undefined) throw new Unreadable("an infinite end on the wrong side");
  if (middle.op === "negative") return solved(middle.of, mirrored(piece), tokens?.slice(1), steps);
  if (middle.op === "function" && middle.name === "abs" && middle.of.op === "name")
    return absolute(middle.of.name, piece);
  if (middle.op === "name") return { kind: "region", pieces: [piece], variable: middle.name };
  if (tokens !== undefined && isLabel(tokens)) return { kind: "region", pieces: [piece], variable: keyOf(tokens) };
  const line = linear(middle, steps);
  if (line === undefined) {
    const [low, high] = [piece.low && difference(middle, piece.low), piece.high && difference(piece.high, middle)];
    if (low !== undefined && high !== undefined) throw new Unreadable("an inequality of three sides");
    return { kind: "inequality", difference: low ?? high ?? middle, strict: !(piece.lowClosed || piece.highClosed) };
  }
  const at = (end: Expression | undefined): Expression | undefined =>
    end && { op: "product", parts: [difference(end, line.offset), { op: "inverse", of: line.slope }] };
  const moved: Piece = { ...piece, low: at(piece.low), high: at(piece.high) };
  const pieces = [line.falling ? mirrored(mirrorEnds(moved)) : moved];
  return { kind: "region", variable: line.name, pieces };
}

// Dividing by a negative slope has turned the order of the ends already.
function mirrorEnds({ low, high, lowClosed, highClosed }: Piece): Piece {
  return { low: low && negated(low), high: high && negated(high), lowClosed, highClosed };
}

function absolute(variable: string, piece: Piece): Region {
  if (piece.low === undefined) {
    const { high, highClosed } = piece;
    return {
      kind: "region",
      variable,
      pieces: [{ low: high && negated(high), high, lowClosed: highClosed, highClosed }],
    };
  }
  return { kind: "region", variable, pieces: [mirrored(piece), piece] };
}

interface Line {
  readonly name: string;
  readonly offset: Expression;
  readonly slope: Expression;
  readonly falling: boolean;
}

/** `a x + b` with numbers a and b, found from its values at 0, 1 and 2. */
function linear(middle: Expression, steps: Steps): Line | undefined {
  const [name, ...others] = namesIn(middle);
  const odd = some(middle, ({ op }) => op === "unknown" || op === "function" || op === "factorial");
  if (name === undefined || others.length > 0 || odd) return undefined;
  const values = [0n, 1n, 2n].map((n) => {
    const number: Expression = { op: "number", value: { n, d: 1n } };
    return exact(replaced(middle, name, number), steps);
  });
  const [zero, one, two] = values;
  if (zero === undefined || one === undefined || two === undefined) return undefined;
  const expression = (value: typeof zero): Expression => ({ op: "number", value });
  const slope = exact(difference(expression(one), expression(zero)), steps);
  const next = exact(difference(expression(two), expression(one)), steps);
  if (slope === undefined || next === undefined || slope.n === 0n || slope.n !== next.n || slope.d !== next.d)
    return undefined;
  return { name, offset: expression(zero), slope: expression(slope), falling: slope.n < 0n };
}

/** Whether a token parts a relation's sides. */
export function isRelation(token: Token): boolean {
  return isSymbol(token, ...relationSigns) && !isCommand(token);
}
