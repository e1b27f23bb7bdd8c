import { Unreadable } from "../read/cursor.ts";
import { keyOf, type Token } from "../read/token.ts";
import type { Steps } from "../steps.ts";
import { exact } from "../value/exact.ts";
import { difference, namesIn, negated, some, type Expression } from "../value/expression.ts";
import type { Piece } from "../value/pieces.ts";
import { replaced } from "../value/rename.ts";
import type { Answer, Region } from "./answer.ts";
import { isLabel } from "./label.ts";
import { mirrored, openAtInfinity } from "./region.ts";
import type { Part } from "./split.ts";

/**
 * Two or three sides with signs one way, as the values of a name where they can be solved for one; else as what is positive.
 * Throws `Unreadable`.
 */
export function readInequality(
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
