import type { Steps } from "../steps.ts";
import {
  add,
  complex,
  exp,
  inverse,
  log,
  multiply,
  negative,
  power,
  rounded,
  size,
  sqrt,
  type Complex,
} from "./complex.ts";
import type { Expression } from "./expression.ts";
import { functions } from "./functions.ts";
import { binomial, factorial } from "./gamma.ts";
import { hash, letterValue, type Letters } from "./letters.ts";
import { toNumber } from "./rational.ts";

/** What the letters and the open questions of an expression stand for, in one evaluation. */
export interface Point {
  /** Which of the values of each letter. */
  readonly index: number;
  readonly letters: Letters;
  /** What `log` without a base is. */
  readonly logBase: "e" | "10";
}

/** The value at a point. It is not finite where there is none. */
export function evaluate(expression: Expression, point: Point, steps: Steps): Complex {
  steps.take(4);
  const at = (part: Expression): Complex => evaluate(part, point, steps);
  switch (expression.op) {
    case "number": {
      const value = toNumber(expression.value);
      return complex(value, 0, Number.isSafeInteger(value) ? 0 : Math.abs(value) * 2e-16);
    }
    case "constant":
      return constants[expression.name];
    case "name":
      return letterValue(expression.name, point.index, point.letters);
    case "sum":
      return expression.parts.map(at).reduce(add);
    case "product":
      return expression.parts.map(at).reduce(multiply);
    case "negative":
      return negative(at(expression.of));
    case "inverse":
      return inverse(at(expression.of));
    case "percent":
      return multiply(at(expression.of), complex(0.01, 0, 1e-18));
    case "degree":
      return multiply(at(expression.of), rounded(Math.PI / 180, 0, 0));
    case "power":
      return powerOf(expression.base, expression.exponent, at);
    case "root":
      return rootOf(at(expression.of), at(expression.degree));
    case "log":
      return logOf(at(expression.of), expression.base && at(expression.base), point);
    case "binomial":
      steps.take(40);
      return binomial(at(expression.n), at(expression.k));
    case "factorial":
      steps.take(20);
      return factorial(at(expression.of));
    case "function":
      return (functions[expression.name] ?? nowhere)(at(expression.of));
    case "unknown":
      return unknown(expression.name, expression.of.map(at));
  }
}

const constants: Readonly<Record<"pi" | "e" | "i" | "infinity", Complex>> = {
  pi: complex(Math.PI, 0, 1.3e-16),
  e: complex(Math.E, 0, 1.5e-16),
  i: complex(0, 1),
  infinity: complex(Infinity),
};

function nowhere(): Complex {
  return complex(Number.NaN);
}

function powerOf(base: Expression, exponent: Expression, at: (part: Expression) => Complex): Complex {
  return base.op === "constant" && base.name === "e" ? exp(at(exponent)) : power(at(base), at(exponent));
}

// Of a negative number the odd root is the real one, as in school.
function rootOf(of: Complex, degree: Complex): Complex {
  if (degree.re === 2 && degree.im === 0) return sqrt(of);
  const turn = of.im === 0 && of.re < 0 && degree.im === 0 && Math.abs(degree.re % 2) === 1;
  return turn ? negative(power(negative(of), inverse(degree))) : power(of, inverse(degree));
}

function logOf(of: Complex, base: Complex | undefined, { logBase }: Point): Complex {
  if (base === undefined) return logBase === "e" ? log(of) : multiply(log(of), rounded(Math.LOG10E, 0, 0));
  return multiply(log(of), inverse(log(base)));
}

// Some smooth function of its own for each name: nothing but equal arguments makes two of its values equal.
function unknown(name: string, args: readonly Complex[]): Complex {
  let sum = complex(hash(`${name}()`));
  for (const [index, arg] of args.entries()) sum = add(sum, multiply(arg, complex(0.5 + hash(`${name}(${index})`))));
  const result = functions["sin"]?.(sum) ?? nowhere();
  return size(result) < 1e6 ? add(result, complex(1.5)) : nowhere();
}
