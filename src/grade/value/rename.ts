import type { Expression } from "./expression.ts";

/** With another expression in place of a name. */
export function replaced(expression: Expression, name: string, by: Expression): Expression {
  const at = (part: Expression): Expression => replaced(part, name, by);
  switch (expression.op) {
    case "number":
    case "constant":
      return expression;
    case "name":
      return expression.name === name ? by : expression;
    case "sum":
    case "product":
      return { ...expression, parts: expression.parts.map(at) };
    case "power":
      return { ...expression, base: at(expression.base), exponent: at(expression.exponent) };
    case "root":
      return { ...expression, of: at(expression.of), degree: at(expression.degree) };
    case "log":
      return { ...expression, of: at(expression.of), base: expression.base && at(expression.base) };
    case "binomial":
      return { ...expression, n: at(expression.n), k: at(expression.k) };
    case "unknown":
      return { ...expression, of: expression.of.map(at) };
    default:
      return { ...expression, of: at(expression.of) };
  }
}

/** With one name instead of another. */
export function renamed(expression: Expression, from: string, to: string): Expression {
  return replaced(expression, from, { op: "name", name: to });
}
