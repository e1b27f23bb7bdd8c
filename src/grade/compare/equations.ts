import type { Expression } from "../value/expression.ts";
import { inverse, multiply, size, type Complex } from "../value/complex.ts";
import { pointsOf } from "../value/letters.ts";
import { verdict, type Verdict, type VerdictRule } from "../verdict.ts";
import { lettersOf, type Context } from "./context.ts";
import { isNear, isUsable } from "./expressions.ts";

/** Whether one difference is a constant multiple of the other, and not zero: then both are zero at the same places. */
export function sameUpToFactor(a: Expression, b: Expression, context: Context): Verdict {
  return compareRatios(a, b, context, "equation", () => true);
}

/** The same for inequalities: the factor must be positive. */
export function sameUpToPositiveFactor(a: Expression, b: Expression, context: Context): Verdict {
  return compareRatios(a, b, context, "inequality", (factor) => factor.re > 0);
}

function compareRatios(
  a: Expression,
  b: Expression,
  context: Context,
  rule: VerdictRule,
  isGood: (factor: Complex) => boolean,
): Verdict {
  const [first, second] = [context.facts(a), context.facts(b)];
  // Without letters it is true or false, and says nothing.
  if (first.names.size === 0 || second.names.size === 0) return verdict(false, rule);
  const letters = lettersOf(first, second);
  let factor: Complex | undefined;
  let usable = 0;
  for (const index of pointsOf(letters)) {
    const [one, other] = [context.sample(a, index, "e", letters), context.sample(b, index, "e", letters)];
    if (!isUsable(one) || !isUsable(other)) continue;
    const [isZero, isOtherZero] = [size(one) <= 4 * one.error, size(other) <= 4 * other.error];
    if (isZero || isOtherZero) {
      if (isZero !== isOtherZero) return verdict(false, rule);
      continue;
    }
    const ratio = multiply(one, inverse(other));
    if (factor !== undefined && !isNear(ratio, factor, 1e-9)) return verdict(false, rule);
    factor ??= ratio;
    usable += 1;
  }
  return usable > 2 && factor !== undefined ? verdict(isGood(factor), rule) : verdict(false, "undecided");
}
