import { add, complex, exp, inverse, log, multiply, negative, rounded, size, sqrt, type Complex } from "./complex.ts";

/** Functions of one number, by the name that they have after reading. */
export const functions: Readonly<Record<string, (a: Complex) => Complex>> = {
  sqrt,
  exp,
  ln: log,
  sin,
  cos,
  tan,
  cot: (a) => inverse(tan(a)),
  sec: (a) => inverse(cos(a)),
  csc: (a) => inverse(sin(a)),
  arcsin,
  arccos: (a) => add(complex(Math.PI / 2), negative(arcsin(a))),
  arctan,
  arccot: (a) => arctan(inverse(a)),
  arcsec: (a) => add(complex(Math.PI / 2), negative(arcsin(inverse(a)))),
  arccsc: (a) => arcsin(inverse(a)),
  sinh: (a) => scale(add(exp(a), negative(exp(negative(a)))), 0.5),
  cosh: (a) => scale(add(exp(a), exp(negative(a))), 0.5),
  tanh: (a) => {
    const twice = exp(scale(a, 2));
    return multiply(add(twice, complex(-1)), inverse(add(twice, complex(1))));
  },
  abs: (a) => rounded(size(a), 0, a.error),
  floor: (a) => complex(step(a.re, a.error, Math.floor), step(a.im, a.error, Math.floor)),
  ceil: (a) => complex(step(a.re, a.error, Math.ceil), step(a.im, a.error, Math.ceil)),
};

/** Named in texts without a backslash too. */
export const functionNames: ReadonlySet<string> = new Set(Object.keys(functions));

const i = complex(0, 1);

function scale(a: Complex, factor: number): Complex {
  return { re: a.re * factor, im: a.im * factor, error: a.error * Math.abs(factor) };
}

function sin(a: Complex): Complex {
  const error = a.error * Math.cosh(a.im) + Math.abs(a.re) * 2e-16 * Math.cosh(a.im);
  if (a.im === 0) return rounded(Math.sin(a.re), 0, error);
  return rounded(Math.sin(a.re) * Math.cosh(a.im), Math.cos(a.re) * Math.sinh(a.im), error);
}

function cos(a: Complex): Complex {
  const error = a.error * Math.cosh(a.im) + Math.abs(a.re) * 2e-16 * Math.cosh(a.im);
  if (a.im === 0) return rounded(Math.cos(a.re), 0, error);
  return rounded(Math.cos(a.re) * Math.cosh(a.im), -Math.sin(a.re) * Math.sinh(a.im), error);
}

function tan(a: Complex): Complex {
  return multiply(sin(a), inverse(cos(a)));
}

function arcsin(a: Complex): Complex {
  if (a.im === 0 && Math.abs(a.re) <= 1) {
    const error = a.error === 0 ? 0 : a.error / Math.sqrt(Math.max(1 - a.re * a.re, a.error));
    return rounded(Math.asin(a.re), 0, error);
  }
  const inner = add(multiply(i, a), sqrt(add(complex(1), negative(multiply(a, a)))));
  return negative(multiply(i, log(inner)));
}

function arctan(a: Complex): Complex {
  if (a.im === 0) return rounded(Math.atan(a.re), 0, a.error / (1 + a.re * a.re));
  const up = log(add(complex(1), negative(multiply(i, a))));
  const down = log(add(complex(1), multiply(i, a)));
  return multiply(scale(i, 0.5), add(up, negative(down)));
}

// What is a whole number up to rounding counts as one: else the floor of 3 - 1e-16 would be 2.
function step(value: number, error: number, way: (value: number) => number): number {
  const nearest = Math.round(value);
  return Math.abs(value - nearest) <= Math.max(1e-12, error) * Math.max(1, Math.abs(value)) ? nearest : way(value);
}
