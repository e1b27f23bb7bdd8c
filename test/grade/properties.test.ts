import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { canMatch } from "../../src/grade/compare/matching.ts";
import { textKey } from "../../src/grade/equal.ts";
import { equal, policies, type PolicyName } from "../../src/grade/index.ts";
import { Steps } from "../../src/grade/steps.ts";
import { pairs } from "./arbitrary-answers.ts";
import { restyled } from "./restyle.ts";

const small = fc.integer({ min: -30, max: 30 });

/** `a x^2 + b x + c` written out. */
function written([a, b, c]: readonly number[]): string {
  return `${a}x^2+${b}x+${c}`.replaceAll("+-", "-");
}

function sorted(numbers: Iterable<number>): string {
  return [...numbers].sort((a, b) => a - b).join();
}

describe("two answers", () => {
  it("are equal where one is the product of factors and the other the sum, and no longer when a number in it changes", () => {
    fc.assert(
      fc.property(small, small, small, small, fc.integer({ min: 1, max: 9 }), (a, b, c, d, off) => {
        const factors = `(${a}x+${b})(${c}x+${d})`.replaceAll("+-", "-");
        const sum = [a * c, a * d + b * c, b * d];
        expect(equal(factors, written(sum)).equal).toBe(true);
        expect(equal(factors, written([sum[0] ?? 0, sum[1] ?? 0, (sum[2] ?? 0) + off])).equal).toBe(false);
      }),
    );
  });

  it("are equal as fractions exactly where cross products are", () => {
    const part = fc.integer({ min: 1, max: 40 });
    fc.assert(
      fc.property(part, part, part, part, (a, b, c, d) => {
        expect(equal(`\\frac{${a}}{${b}}`, `${c}/${d}`).equal).toBe(a * d === b * c);
      }),
    );
  });

  it("are equal as lists exactly where their sets are, in any order", () => {
    const list = fc.array(fc.integer({ min: 0, max: 5 }), { minLength: 2, maxLength: 6 });
    fc.assert(
      fc.property(list, list, (a, b) => {
        const same = sorted(new Set(a)) === sorted(new Set(b));
        expect(equal(a.join(", "), b.join(", ")).equal).toBe(same);
        const counted = sorted(a) === sorted(b);
        expect(equal(a.join(", "), b.join(", "), "olympiadbench").equal).toBe(counted);
      }),
    );
  });

  it("are equal as unions exactly where they have the same points", () => {
    const ends = fc.tuple(fc.integer({ min: 0, max: 8 }), fc.integer({ min: 1, max: 4 }), fc.boolean(), fc.boolean());
    const union = fc.array(ends, { minLength: 2, maxLength: 4 });
    fc.assert(
      fc.property(union, union, (a, b) => {
        const text = (pieces: typeof a): string =>
          pieces
            .map(([low, length, left, right]) => `${left ? "[" : "("}${low},${low + length}${right ? "]" : ")"}`)
            .join("\\cup");
        // Whole numbers and the middles between them tell all such unions apart.
        const has = (pieces: typeof a, x: number): boolean =>
          pieces.some(
            ([low, length, left, right]) =>
              (left ? x >= low : x > low) && (right ? x <= low + length : x < low + length),
          );
        const points = Array.from({ length: 27 }, (_, index) => index / 2);
        const same = points.every((x) => has(a, x) === has(b, x));
        expect(equal(text(a), text(b)).equal).toBe(same);
        expect(equal(text(a), text([...a].reverse())).equal).toBe(true);
      }),
    );
  });
});

describe("a key of texts", () => {
  it("is the same only of answers that are equal by every policy", () => {
    const styled = pairs.chain(([answer, other]) =>
      fc.tuple(fc.constant(answer), fc.constantFrom(other, ` ${answer}`, `$${answer}$`, restyled(answer))),
    );
    fc.assert(
      fc.property(styled, fc.constantFrom(...(Object.keys(policies) as PolicyName[])), ([one, other], policy) => {
        if (one !== other && textKey(one) === textKey(other)) expect(equal(one, other, policy).equal).toBe(true);
      }),
      { numRuns: 1000 },
    );
  });

  it("is one of an answer however it is set, and another one of another answer", () => {
    expect(textKey("$\\dfrac {1} {2}$")).toBe(textKey("\\frac{1}{2}"));
    expect(textKey("1/2")).not.toBe(textKey("\\frac{1}{2}"));
    expect(textKey("")).not.toBe(textKey("$$"));
  });
});

describe("a matching", () => {
  it("is found exactly where trying all orders finds one", () => {
    const size = fc.integer({ min: 1, max: 5 });
    fc.assert(
      fc.property(size, fc.array(fc.boolean(), { minLength: 25, maxLength: 25 }), (count, bits) => {
        const fits = (left: number, right: number): boolean => bits[left * 5 + right] === true;
        expect(canMatch(count, fits, new Steps(1e6))).toBe(anyOrder(count, fits));
      }),
    );
  });
});

function anyOrder(
  count: number,
  fits: (left: number, right: number) => boolean,
  used = new Set<number>(),
  left = 0,
): boolean {
  if (left === count) return true;
  return Array.from({ length: count }, (_, right) => right).some(
    (right) => !used.has(right) && fits(left, right) && anyOrder(count, fits, new Set([...used, right]), left + 1),
  );
}
