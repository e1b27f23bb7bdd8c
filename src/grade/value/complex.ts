/** A complex number in doubles, and how far it may be from the true value: what cancels must not look exact. */
export interface Complex {
  readonly re: number;
  readonly im: number;
  readonly error: number;
}

/** Some roundings of a double. */
const rounding = 4e-16;

export function complex(re: number, im = 0, error = 0): Complex {
  return { re, im, error };
}

export function size(a: Complex): number {
  return Math.hypot(a.re, a.im);
}

/** A result with what its own rounding adds. */
export function rounded(re: number, im: number, error: number): Complex {
  return { re, im, error: error + rounding * Math.hypot(re, im) };
}

export function add(a: Complex, b: Complex): Complex {
  return rounded(a.re + b.re, a.im + b.im, a.error + b.error);
}

export function negative(a: Complex): Complex {
  return { re: -a.re, im: -a.im, error: a.error };
}

export function multiply(a: Complex, b: Complex): Complex {
  const error = size(a) * b.error + size(b) * a.error + a.error * b.error;
  if (a.im === 0 && b.im === 0) return rounded(a.re * b.re, 0, error);
  return rounded(a.re * b.re - a.im * b.im, a.re * b.im + a.im * b.re, error);
}

export function inverse(a: Complex): Complex {
  const length = size(a);
  const error = a.error / (length * length);
  if (a.im === 0) return rounded(1 / a.re, 0, error);
  return rounded(a.re / length / length, -a.im / length / length, error);
}

export function exp(a: Complex): Complex {
  const length = Math.exp(a.re);
  const error = length * (a.error + rounding * size(a));
  return a.im === 0 ? rounded(length, 0, error) : rounded(length * Math.cos(a.im), length * Math.sin(a.im), error);
}

/** The principal value. */
export function log(a: Complex): Complex {
  const length = size(a);
  // Of a negative zero the angle would be on the other side of the cut.
  const im = a.im === 0 ? 0 : a.im;
  return rounded(Math.log(length), Math.atan2(im, a.re), a.error / length + rounding);
}

export function sqrt(a: Complex): Complex {
  if (a.re === 0 && a.im === 0) return complex(0, 0, Math.sqrt(a.error));
  const length = Math.sqrt(size(a));
  const error = a.error / (2 * length);
  if (a.im === 0) return a.re >= 0 ? rounded(length, 0, error) : rounded(0, length, error);
  const half = Math.atan2(a.im, a.re) / 2;
  return rounded(length * Math.cos(half), length * Math.sin(half), error);
}

/** A power; whole exponents by multiplication, which is nearer to the truth. */
export function power(a: Complex, b: Complex): Complex {
  if (b.im === 0 && b.error === 0 && Number.isInteger(b.re) && Math.abs(b.re) <= 64) {
    const raised = wholePower(a, Math.abs(b.re));
    return b.re < 0 ? inverse(raised) : raised;
  }
  if (a.re === 0 && a.im === 0) return b.re > 0 ? complex(0, 0, a.error) : complex(Number.NaN);
  if (a.im === 0 && a.re > 0 && b.im === 0) {
    const result = a.re ** b.re;
    const relative = Math.abs((b.re * a.error) / a.re) + Math.abs(Math.log(a.re)) * b.error;
    return rounded(result, 0, result * (relative + rounding));
  }
  return exp(multiply(b, log(a)));
}

function wholePower(a: Complex, exponent: number): Complex {
  let result = complex(1);
  for (let i = 0; i < exponent; i += 1) result = multiply(result, a);
  return result;
}
