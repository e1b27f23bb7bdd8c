import type { Rational } from "./rational.ts";

/** An expression that stands for one number. Sums and products are flat, so that its depth is that of its brackets. */
export type Expression =
  | { readonly op: "number"; readonly value: Rational }
  | { readonly op: "constant"; readonly name: "pi" | "e" | "i" | "infinity" }
  /** A letter, with its accent, primes and subscript. */
  | { readonly op: "name"; readonly name: string }
  | { readonly op: "sum" | "product"; readonly parts: readonly Expression[] }
  | { readonly op: "inverse" | "negative" | "factorial" | "percent" | "degree"; readonly of: Expression }
  | { readonly op: "power"; readonly base: Expression; readonly exponent: Expression }
  | { readonly op: "root"; readonly of: Expression; readonly degree: Expression }
  /** Without a base it is the natural one or ten: both are tried. */
  | { readonly op: "log"; readonly of: Expression; readonly base: Expression | undefined }
  | { readonly op: "binomial"; readonly n: Expression; readonly k: Expression }
  /** One of `functions`. */
  | { readonly op: "function"; readonly name: string; readonly of: Expression }
  /** A function that has a name and nothing else, such as f(x + 1). */
  | { readonly op: "unknown"; readonly name: string; readonly of: readonly Expression[] };

export function negated(of: Expression): Expression {
  return { op: "negative", of };
}

export function difference(a: Expression, b: Expression): Expression {
  return { op: "sum", parts: [a, negated(b)] };
}

function children(expression: Expression): readonly Expression[] {
  switch (expression.op) {
    case "number":
    case "constant":
    case "name":
      return [];
    case "sum":
    case "product":
      return expression.parts;
    case "power":
      return [expression.base, expression.exponent];
    case "root":
      return [expression.of, expression.degree];
    case "log":
      return expression.base === undefined ? [expression.of] : [expression.of, expression.base];
    case "binomial":
      return [expression.n, expression.k];
    case "unknown":
      return expression.of;
    default:
      return [expression.of];
  }
}

/** Whether a part of it, or itself, is as asked. */
export function some(expression: Expression, asked: (part: Expression) => boolean): boolean {
  return asked(expression) || children(expression).some((part) => some(part, asked));
}

/** The letters in it, each once. */
export function namesIn(expression: Expression, names = new Set<string>()): Set<string> {
  if (expression.op === "name" || expression.op === "unknown") names.add(expression.name);
  for (const part of children(expression)) namesIn(part, names);
  return names;
}
