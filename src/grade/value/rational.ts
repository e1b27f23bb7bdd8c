import type { Steps } from "../steps.ts";

/** A fraction in lowest terms with a positive denominator. */
export interface Rational {
  readonly n: bigint;
  readonly d: bigint;
}

/** Numbers of more bits are not computed: they would make one step long. */
const maxBits = 8192;
const largest = 1n << BigInt(maxBits);

export const zero: Rational = { n: 0n, d: 1n };
export const one: Rational = { n: 1n, d: 1n };

export function integer(value: number | bigint): Rational {
  return { n: BigInt(value), d: 1n };
}

function bits(value: bigint): number {
  return (value < 0n ? -value : value).toString(16).length * 4;
}

/** In lowest terms; undefined where the denominator is zero or the number too long. */
export function fraction(n: bigint, d: bigint, steps: Steps): Rational | undefined {
  if (d === 0n || tooLong(n) || tooLong(d)) return undefined;
  const divisor = gcd(n < 0n ? -n : n, d < 0n ? -d : d, steps);
  const sign = d < 0n ? -1n : 1n;
  return { n: (sign * n) / divisor, d: (sign * d) / divisor };
}

export function add(a: Rational, b: Rational, steps: Steps): Rational | undefined {
  if (a.d === 1n && b.d === 1n) return whole(a.n + b.n);
  return fraction(a.n * b.d + b.n * a.d, a.d * b.d, steps);
}

export function multiply(a: Rational, b: Rational, steps: Steps): Rational | undefined {
  if (a.d === 1n && b.d === 1n) return whole(a.n * b.n);
  return fraction(a.n * b.n, a.d * b.d, steps);
}

export function inverse(a: Rational): Rational | undefined {
  if (a.n === 0n) return undefined;
  return a.n < 0n ? { n: -a.d, d: -a.n } : { n: a.d, d: a.n };
}

export function negative(a: Rational): Rational {
  return { n: -a.n, d: a.d };
}

export function absolute(a: Rational): Rational {
  return a.n < 0n ? negative(a) : a;
}

export function same(a: Rational, b: Rational): boolean {
  return a.n === b.n && a.d === b.d;
}

/** Below, at or above: negative, 0 or positive. */
export function order(a: Rational, b: Rational): number {
  const difference = a.n * b.d - b.n * a.d;
  return difference < 0n ? -1 : Number(difference > 0n);
}

export function floor(a: Rational): Rational {
  const quotient = a.n / a.d;
  return { n: a.n < 0n && a.n % a.d !== 0n ? quotient - 1n : quotient, d: 1n };
}

/** To a whole power; undefined where the result would be too long, or is none. */
export function power(a: Rational, exponent: bigint, steps: Steps): Rational | undefined {
  if (exponent < 0n) {
    const turned = inverse(a);
    return turned && power(turned, -exponent, steps);
  }
  if (a.n === 0n) return exponent === 0n ? undefined : zero;
  if (a.d === 1n && (a.n === 1n || a.n === -1n)) return exponent % 2n === 0n ? one : a;
  // Before the power is taken: afterwards it would be too late.
  if (exponent > BigInt(maxBits) || Number(exponent) * (Math.max(bits(a.n), bits(a.d)) - 4) > maxBits) return undefined;
  steps.take(1 + bits(exponent));
  return { n: a.n ** exponent, d: a.d ** exponent };
}

/** The root, where it is rational. */
export function root(a: Rational, degree: bigint, steps: Steps): Rational | undefined {
  if (degree < 1n || degree > 64n || (a.n < 0n && degree % 2n === 0n)) return undefined;
  const sign = a.n < 0n ? -1n : 1n;
  const n = wholeRoot(sign * a.n, degree, steps);
  const d = wholeRoot(a.d, degree, steps);
  return n === undefined || d === undefined ? undefined : { n: sign * n, d };
}

const exactDouble = 1n << 53n;

/** The nearest double, also where numerator and denominator are none. */
export function toNumber({ n, d }: Rational): number {
  const above = n < 0n ? -n : n;
  if (above < exactDouble && d < exactDouble) return Number(n) / Number(d);
  // A quotient of some seventy bits; a last bit that says whether there was a rest makes its rounding right.
  const shift = 72 - (bits(above) - bits(d));
  const [up, down] = shift > 0 ? [above << BigInt(shift), d] : [above, d << BigInt(-shift)];
  const quotient = ((up / down) << 1n) | BigInt(up % down !== 0n);
  // In two parts: a power of two may be too large for a double where the number is not.
  const half = Math.trunc((-shift - 1) / 2);
  return (n < 0n ? -1 : 1) * Number(quotient) * 2 ** half * 2 ** (-shift - 1 - half);
}

/** How many times the second the first is, as a double: also where neither is one. */
export function times(a: Rational, b: Rational): number {
  if (b.n === 0n) return a.n === 0n ? Number.NaN : Infinity;
  return toNumber(b.n < 0n ? { n: -a.n * b.d, d: -a.d * b.n } : { n: a.n * b.d, d: a.d * b.n });
}

function whole(n: bigint): Rational | undefined {
  return tooLong(n) ? undefined : { n, d: 1n };
}

function tooLong(value: bigint): boolean {
  return value > largest || value < -largest;
}

function gcd(a: bigint, b: bigint, steps: Steps): bigint {
  while (b !== 0n) {
    steps.take();
    [a, b] = [b, a % b];
  }
  return a === 0n ? 1n : a;
}

/** Newton's method from above. */
function wholeRoot(value: bigint, degree: bigint, steps: Steps): bigint | undefined {
  if (value < 2n || degree === 1n) return value;
  let guess = 1n << BigInt(Math.ceil(bits(value) / Number(degree)) + 1);
  for (;;) {
    steps.take(1 + Number(degree));
    const next = ((degree - 1n) * guess + value / guess ** (degree - 1n)) / degree;
    if (next >= guess) break;
    guess = next;
  }
  return guess ** degree === value ? guess : undefined;
}
