import type { Steps } from "../steps.ts";
import { exact } from "./exact.ts";
import { namesIn, type Expression } from "./expression.ts";
import { toNumber } from "./rational.ts";
import { evaluate } from "./sample.ts";

/** The value as a double; undefined where it has letters, or is not real. */
export function realOf(expression: Expression, steps: Steps): number | undefined {
  const fraction = exact(expression, steps);
  if (fraction !== undefined) return toNumber(fraction);
  if (namesIn(expression).size > 0) return undefined;
  const { re, im, error } = evaluate(expression, { index: 0, letters: "positive", logBase: "e" }, steps);
  return Number.isFinite(re) && Math.abs(im) <= Math.max(error, 1e-12 * Math.abs(re)) ? re : undefined;
}
