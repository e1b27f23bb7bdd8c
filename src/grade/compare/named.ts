import type { Answer, Named } from "../answer/answer.ts";
import { scalar } from "../answer/answer.ts";
import { renamed } from "../value/rename.ts";
import { verdict, type Verdict } from "../verdict.ts";
import type { Context } from "./context.ts";
import { sameUpToFactor } from "./equations.ts";

/** A name that no text has: the argument of one function may be a letter of the other. */
const bound = "(argument)";

export type Compare = (a: Answer, b: Answer, context: Context) => Verdict;

/** Two of `x = 5`, `f(x) = 2x`, or an equation that may say the same. */
export function sameNamed(a: Named, b: Answer, context: Context, compare: Compare): Verdict {
  if (b.kind === "named") return bothNamed(a, b, context, compare);
  if (b.kind === "equation") return upToFactor(a, b, context);
  if (context.policy.names === "keep" && a.name !== undefined) return verdict(false, "name");
  return compare(a.value, b, context);
}

/** The other way round. */
export function sameAsNamed(a: Answer, b: Named, context: Context, compare: Compare): Verdict {
  if (a.kind === "equation") return upToFactor(b, a, context);
  if (context.policy.names === "keep" && b.name !== undefined) return verdict(false, "name");
  return compare(a, b.value, context);
}

function bothNamed(a: Named, b: Named, context: Context, compare: Compare): Verdict {
  const [first, second] = [a.value, b.value];
  if (a.name === undefined || b.name === undefined) {
    if (context.policy.names === "keep" && a.name !== b.name) return verdict(false, "name");
    return compare(first, second, context);
  }
  if (a.name === b.name && a.argument === b.argument) return compare(first, second, context);
  // f(n) = n is f(x) = x.
  if (a.name === b.name && a.argument !== undefined && b.argument !== undefined) {
    if (first.kind !== "scalar" || second.kind !== "scalar") return verdict(false, "function");
    const [left, right] = [renamed(first.expression, a.argument, bound), renamed(second.expression, b.argument, bound)];
    return verdict(compare(scalar(left), scalar(right), context).equal, "function");
  }
  const equation = upToFactor(a, b, context);
  return equation.equal ? equation : verdict(false, "name");
}

function upToFactor(a: Named, b: Answer, context: Context): Verdict {
  const other = b.kind === "named" || b.kind === "equation" ? b.difference : undefined;
  if (a.difference === undefined || other === undefined) return verdict(false, "kind");
  return sameUpToFactor(a.difference, other, context);
}
