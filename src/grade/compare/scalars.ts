import type { Scalar } from "../answer/answer.ts";
import { conversion, type Unit } from "../answer/unit.ts";
import { some, type Expression } from "../value/expression.ts";
import { integer } from "../value/rational.ts";
import { verdict, type Verdict } from "../verdict.ts";
import type { Context } from "./context.ts";
import { sameExpression } from "./expressions.ts";

/** Two numbers with their units and percent signs. */
export function sameScalar(a: Scalar, b: Scalar, context: Context): Verdict {
  const units = context.policy.units === "drop" ? [undefined, undefined] : [a.unit, b.unit];
  const [first, second] = units;
  if (first !== undefined && second !== undefined) return withUnits(a.expression, first, b.expression, second, context);
  const plain = samePercent(a.expression, b.expression, context);
  if (plain.equal && (first ?? second) !== undefined && context.policy.units === "keep") return verdict(false, "unit");
  return plain.equal ? plain : (inRadians(a, b, context) ?? plain);
}

function withUnits(a: Expression, from: Unit, b: Expression, to: Unit, context: Context): Verdict {
  const factor = conversion(from, to, context.steps);
  if (factor === undefined) return verdict(false, "unit");
  if (factor.n === factor.d) return samePercent(a, b, context);
  const converted: Expression = { op: "product", parts: [a, { op: "number", value: factor }] };
  return verdict(sameExpression(converted, b, context).equal, "unit");
}

const hundred: Expression = { op: "number", value: integer(100) };

function samePercent(a: Expression, b: Expression, context: Context): Verdict {
  const plain = sameExpression(a, b, context);
  const { percent } = context.policy;
  if (plain.equal || percent === "value") return plain;
  // `62.5 %` may also be the number of percents.
  const [first, second] = [a.op === "percent" ? a.of : a, b.op === "percent" ? b.of : b];
  if ((a.op === "percent") !== (b.op === "percent") && sameExpression(first, second, context).equal) {
    return verdict(true, "percent");
  }
  if (percent !== "hundredfold") return plain;
  const times = (of: Expression): Expression => ({ op: "product", parts: [of, hundred] });
  const near = sameExpression(times(a), b, context).equal || sameExpression(a, times(b), context).equal;
  return near ? verdict(true, "percent") : plain;
}

/** `90°` is `\pi/2` where that is written with π. */
function inRadians(a: Scalar, b: Scalar, context: Context): Verdict | undefined {
  if (context.policy.units !== "agree") return undefined;
  const angle = (of: Scalar): Expression | undefined =>
    of.unit?.dimension === "degree^1" ? { op: "degree", of: of.expression } : undefined;
  const hasPi = (of: Scalar): boolean =>
    of.unit === undefined && some(of.expression, (part) => part.op === "constant" && part.name === "pi");
  const [first, second] = [angle(a), angle(b)];
  if (first !== undefined && hasPi(b)) return verdict(sameExpression(first, b.expression, context).equal, "unit");
  if (second !== undefined && hasPi(a)) return verdict(sameExpression(a.expression, second, context).equal, "unit");
  return undefined;
}
