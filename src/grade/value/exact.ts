import type { Steps } from "../steps.ts";
import type { Expression } from "./expression.ts";
import {
  absolute,
  add,
  floor,
  fraction,
  integer,
  inverse,
  multiply,
  negative,
  one,
  power,
  root,
  zero,
  type Rational,
} from "./rational.ts";

type Maybe = Rational | undefined;

/** The largest number whose factorial is computed; beyond it the result is too long. */
const maxFactorial = 900n;

/** The value as a fraction; undefined where it is irrational, holds letters, or is too long to be computed. */
export function exact(expression: Expression, steps: Steps): Maybe {
  steps.take();
  switch (expression.op) {
    case "number":
      return expression.value;
    case "sum":
    case "product":
      return fold(expression.parts, expression.op === "sum" ? add : multiply, steps);
    case "power":
      return exactPower(exact(expression.base, steps), exact(expression.exponent, steps), steps);
    case "root": {
      const degree = exact(expression.degree, steps);
      const of = exact(expression.of, steps);
      return of && degree?.d === 1n ? root(of, degree.n, steps) : undefined;
    }
    case "binomial":
      return exactBinomial(exact(expression.n, steps), exact(expression.k, steps), steps);
    case "negative":
    case "inverse":
    case "percent":
    case "factorial":
    case "degree":
      return ofOne(expression.op, exact(expression.of, steps), steps);
    case "function":
      return ofFunction(expression.name, exact(expression.of, steps), steps);
    default:
      return undefined;
  }
}

function fold(
  parts: readonly Expression[],
  join: (a: Rational, b: Rational, steps: Steps) => Maybe,
  steps: Steps,
): Maybe {
  let total: Maybe;
  for (const part of parts) {
    const value = exact(part, steps);
    if (value === undefined) return undefined;
    total = total === undefined ? value : join(total, value, steps);
    if (total === undefined) return undefined;
  }
  return total;
}

function ofOne(op: "negative" | "inverse" | "percent" | "factorial" | "degree", of: Maybe, steps: Steps): Maybe {
  if (of === undefined) return undefined;
  if (op === "negative") return negative(of);
  if (op === "inverse") return inverse(of);
  if (op === "percent") return fraction(of.n, of.d * 100n, steps);
  // A degree inside an expression is an angle: irrational.
  return op === "factorial" ? exactFactorial(of, steps) : undefined;
}

function exactPower(base: Maybe, exponent: Maybe, steps: Steps): Maybe {
  if (base === undefined || exponent === undefined) return undefined;
  if (exponent.d === 1n) return power(base, exponent.n, steps);
  // The principal value of a negative number's root is no real one.
  if (base.n < 0n) return undefined;
  const rooted = root(base, exponent.d, steps);
  return rooted && power(rooted, exponent.n, steps);
}

function exactFactorial(of: Rational, steps: Steps): Maybe {
  if (of.d !== 1n || of.n < 0n || of.n > maxFactorial) return undefined;
  let product = 1n;
  for (let factor = 2n; factor <= of.n; factor += 1n) {
    steps.take();
    product *= factor;
  }
  return integer(product);
}

function exactBinomial(n: Maybe, k: Maybe, steps: Steps): Maybe {
  if (n?.d !== 1n || k?.d !== 1n || k.n < 0n || k.n > maxFactorial || n.n < 0n) return undefined;
  let result: Maybe = one;
  for (let i = 0n; i < k.n && result !== undefined; i += 1n) {
    result = multiply(result, { n: n.n - i, d: 1n }, steps);
    result = result && fraction(result.n, i + 1n, steps);
  }
  return result;
}

function ofFunction(name: string, of: Maybe, steps: Steps): Maybe {
  if (of === undefined) return undefined;
  if (name === "abs") return absolute(of);
  if (name === "floor") return floor(of);
  if (name === "ceil") return negative(floor(negative(of)));
  if (name === "sqrt") return root(of, 2n, steps);
  if (of.n === 0n && ["sin", "tan", "arcsin", "arctan", "sinh", "tanh"].includes(name)) return zero;
  return of.n === 0n && ["cos", "cosh", "exp"].includes(name) ? one : undefined;
}
