import { piecesOf } from "../answer/sets.ts";
import type { Answer } from "../answer/answer.ts";
import { unite } from "../value/pieces.ts";
import type { Expression } from "../value/expression.ts";
import { verdict, type Verdict } from "../verdict.ts";
import type { Context } from "./context.ts";
import { sameExpression } from "./expressions.ts";

/** Intervals, inequalities, and unions of them with points. */
export function sameRegion(a: Answer, b: Answer, context: Context): Verdict {
  const [first, second] = [piecesOf(a), piecesOf(b)];
  if (first === undefined || second === undefined) return verdict(false, "kind");
  const names = [a, b].map((answer) => (answer.kind === "region" ? answer.variable : undefined));
  if (names[0] !== undefined && names[1] !== undefined && names[0] !== names[1]) return verdict(false, "name");
  const [left, right] = [unite(first, context.steps), unite(second, context.steps)];
  const equal =
    left.length === right.length &&
    left.every((piece, index) => {
      const other = right[index];
      return (
        other !== undefined &&
        piece.lowClosed === other.lowClosed &&
        piece.highClosed === other.highClosed &&
        sameEnd(piece.low, other.low, context) &&
        sameEnd(piece.high, other.high, context)
      );
    });
  return verdict(equal, "interval");
}

function sameEnd(a: Expression | undefined, b: Expression | undefined, context: Context): boolean {
  return a === undefined || b === undefined ? a === b : sameExpression(a, b, context).equal;
}
