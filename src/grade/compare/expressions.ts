import { infinitySign } from "../answer/region.ts";
import { add, negative, size, type Complex } from "../value/complex.ts";
import type { Expression } from "../value/expression.ts";
import {
  absolute,
  add as plus,
  negative as minus,
  order,
  same,
  times,
  toNumber,
  type Rational,
} from "../value/rational.ts";
import { pointsOf } from "../value/letters.ts";
import { verdict, type Verdict } from "../verdict.ts";
import { lettersOf, type Context } from "./context.ts";

/** Rounding that is forgiven between irrational numbers, and between expressions with letters. */
const nearness = { numbers: 1e-11, letters: 1e-9 };

/** Whether two expressions have one value: exactly where both are fractions, else at points. */
export function sameExpression(a: Expression, b: Expression, context: Context): Verdict {
  const [first, second] = [context.facts(a), context.facts(b)];
  if (first.exact !== undefined && second.exact !== undefined) return sameFraction(first.exact, second.exact, context);
  const infinite = [infinitySign(a), infinitySign(b)];
  if (infinite[0] !== 0 || infinite[1] !== 0) return verdict(infinite[0] === infinite[1], "infinity");
  const bases = first.bareLog || second.bareLog ? (["e", "10"] as const) : (["e"] as const);
  let last = verdict(false, "undecided");
  for (const base of bases) {
    last =
      first.names.size + second.names.size === 0 ? sameNumber(a, b, base, context) : sameAtPoints(a, b, base, context);
    if (last.equal) return last;
  }
  return last;
}

function sameFraction(a: Rational, b: Rational, context: Context): Verdict {
  if (same(a, b)) return verdict(true, "exact");
  if (hasEnd(a, context) !== hasEnd(b, context) && isPrinted(a, b, context)) return verdict(true, "numeric");
  const { relative, absolute: distance, of } = context.policy.tolerance;
  if (relative === 0 && distance === 0) return verdict(false, "exact");
  const difference = plus(a, minus(b), context.steps);
  if (difference === undefined) return verdict(false, "exact");
  const far = absolute(difference);
  const [first, second] = [absolute(a), absolute(b)];
  const scale = of === "reference" || order(first, second) >= 0 ? first : second;
  // The last digits of a decimal tolerance are rounding.
  const near = toNumber(far) <= distance || (scale.n !== 0n && times(far, scale) <= relative * (1 + 1e-12));
  return verdict(near, near ? "tolerance" : "exact");
}

/** Whether its decimals end. */
function hasEnd({ d }: Rational, { steps }: Context): boolean {
  let rest = d;
  for (const prime of [2n, 5n]) {
    while (rest % prime === 0n) {
      steps.take();
      rest /= prime;
    }
  }
  return rest === 1n;
}

/** A number whose decimals do not end is equal to one that has as many of them as a program prints. */
function isPrinted(a: Rational, b: Rational, context: Context): boolean {
  const difference = plus(a, minus(b), context.steps);
  if (difference === undefined) return false;
  const scale = absolute(order(absolute(a), absolute(b)) >= 0 ? a : b);
  return times(absolute(difference), scale) <= nearness.numbers;
}

function sameNumber(a: Expression, b: Expression, base: "e" | "10", context: Context): Verdict {
  const [first, second] = [context.sample(a, 0, base, "positive"), context.sample(b, 0, base, "positive")];
  if (!isUsable(first) || !isUsable(second)) return verdict(false, "undecided");
  if (isNear(first, second, nearness.numbers)) return verdict(true, "numeric");
  const { relative, absolute: distance, of } = context.policy.tolerance;
  const scale = of === "reference" ? size(first) : Math.max(size(first), size(second));
  const far = size(add(first, negative(second)));
  const near = far <= distance || far <= relative * scale;
  return verdict(near, near ? "tolerance" : "numeric");
}

function sameAtPoints(a: Expression, b: Expression, base: "e" | "10", context: Context): Verdict {
  const [first, second] = [context.facts(a), context.facts(b)];
  const letters = lettersOf(first, second);
  let usable = 0;
  for (const index of pointsOf(letters)) {
    const [one, other] = [context.sample(a, index, base, letters), context.sample(b, index, base, letters)];
    if (!isUsable(one) || !isUsable(other)) continue;
    if (!isNear(one, other, nearness.letters)) return verdict(false, "symbolic");
    usable += 1;
  }
  return usable > 2 ? verdict(true, "symbolic") : verdict(false, "undecided");
}

/** Finite, and not mostly rounding. */
export function isUsable(value: Complex): boolean {
  return Number.isFinite(value.re) && Number.isFinite(value.im) && value.error <= Math.max(1e-9 * size(value), 1e-11);
}

export function isNear(a: Complex, b: Complex, relative: number): boolean {
  const far = size(add(a, negative(b)));
  return far <= relative * Math.max(size(a), size(b)) || far <= 4 * (a.error + b.error);
}
