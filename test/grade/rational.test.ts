import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { valueOf } from "../../src/grade/read/numbers.ts";
import { Steps } from "../../src/grade/steps.ts";
import {
  add,
  floor,
  fraction,
  multiply,
  order,
  power,
  root,
  times,
  toNumber,
  type Rational,
} from "../../src/grade/value/rational.ts";

const steps = new Steps(1e9);
const whole = fc.bigInt({ min: -(10n ** 30n), max: 10n ** 30n });
const positive = fc.bigInt({ min: 1n, max: 10n ** 30n });
const rational = fc.tuple(whole, positive).map(([n, d]) => fraction(n, d, steps) as Rational);

describe("a fraction", () => {
  it("is in lowest terms with a positive denominator, whatever it is made of", () => {
    fc.assert(
      fc.property(whole, positive, positive, (n, d, factor) => {
        expect(fraction(-n * factor, -d * factor, steps)).toEqual(fraction(n, d, steps));
      }),
    );
    expect(fraction(1n, 0n, steps)).toBeUndefined();
  });

  it("is added and multiplied as numbers are", () => {
    fc.assert(
      fc.property(rational, rational, rational, (a, b, c) => {
        const sum = (x: Rational, y: Rational): Rational => add(x, y, steps) as Rational;
        const product = (x: Rational, y: Rational): Rational => multiply(x, y, steps) as Rational;
        expect(product(a, sum(b, c))).toEqual(sum(product(a, b), product(a, c)));
        expect(order(sum(a, b), sum(a, c))).toBe(order(b, c));
      }),
    );
  });

  it("has a whole part that is at most one below it", () => {
    fc.assert(
      fc.property(rational, (a) => {
        const below = floor(a);
        expect(order(below, a)).toBeLessThanOrEqual(0);
        expect(order(add(below, { n: 1n, d: 1n }, steps) as Rational, a)).toBe(1);
      }),
    );
  });

  it("is the root of its power", () => {
    fc.assert(
      fc.property(rational, fc.bigInt({ min: 1n, max: 12n }), (a, exponent) => {
        const size = a.n < 0n ? { n: -a.n, d: a.d } : a;
        expect(root(power(size, exponent, steps) as Rational, exponent, steps)).toEqual(size);
      }),
    );
    expect(root({ n: 2n, d: 1n }, 2n, steps)).toBeUndefined();
    expect(root({ n: -8n, d: 27n }, 3n, steps)).toEqual({ n: -2n, d: 3n });
  });

  it("is read from the decimals that a program prints, to the last digit", () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true, noDefaultInfinity: true, min: 1e-300, max: 1e20 }), (number) => {
        expect(toNumber(valueOf(String(number), steps) as Rational)).toBe(number);
      }),
    );
    expect(valueOf("0.1(6)", steps)).toEqual({ n: 1n, d: 6n });
    expect(valueOf("1e9999", steps)).toBeUndefined();
  });

  it("has a double and a ratio also where its parts are too long for one", () => {
    expect(toNumber({ n: 10n ** 400n, d: 10n ** 399n })).toBeCloseTo(10, 10);
    expect(toNumber({ n: -(10n ** 400n), d: 3n })).toBe(-Infinity);
    expect(toNumber({ n: 1n, d: 10n ** 400n })).toBe(0);
    expect(times({ n: 10n ** 500n, d: 1n }, { n: 10n ** 499n, d: 1n })).toBeCloseTo(10, 10);
  });

  it("is not computed where it would be too long", () => {
    expect(power({ n: 3n, d: 1n }, 10n ** 12n, steps)).toBeUndefined();
    expect(multiply({ n: 2n ** 8000n, d: 1n }, { n: 2n ** 8000n, d: 1n }, steps)).toBeUndefined();
  });
});
