import { describe, expect, it } from "vitest";
import { compareTexts } from "../../src/grade/equal.ts";
import { policies } from "../../src/grade/index.ts";

const many = (text: string, count: number): string => text.repeat(count);
const counted = (from: number, step: number): string =>
  Array.from({ length: 1500 }, (_, index) => from + index * step).join(",");

const hostile: readonly [name: string, a: string, b: string][] = [
  ["brackets in brackets", `${many("(", 4999)}1${many(")", 4999)}`, "1"],
  ["braces that do not close", `${many("{", 5000)}1`, "1"],
  ["fractions in fractions", `${many("\\frac{1}{", 900)}2${many("}", 900)}`, "2"],
  ["roots of roots", `${many("\\sqrt", 1600)}2`, "2"],
  ["towers of powers", many("2^", 4900) + "2", "2"],
  ["a tower that is too high", "10^{10^{10}}", "1"],
  ["a huge factorial", "1000000007!", "1"],
  ["a power too long to write", "9^{999999999}-9^{999999998}", "1"],
  ["many signs", `${many("-", 9999)}1`, "1"],
  ["many factorials", `1${many("!", 9000)}`, "1"],
  ["many digits", many("9", 9999), "1"],
  ["long denominators", `${many("1/3+1/7^{900}+", 600)}1`, "2"],
  ["many large terms", `${many("900!+", 1500)}1`, "1"],
  ["two long lists in opposite orders", counted(10_000, 1), counted(11_499, -1)],
  ["two long lists that are nearly one", many("1,", 4900) + "1", many("2,", 4900) + "1"],
  ["many unions", many("(1,2)\\cup ", 900) + "(3,4)", many("(5,6)\\cup ", 900) + "(3,4)"],
  ["words in words", many("\\text{a", 1400), "1"],
  ["boxes in boxes", many("\\boxed{", 1400), "1"],
  ["many matrices", many("\\begin{pmatrix}", 600), "1"],
  ["many signs both ways", `1${many(",±1", 2500)}`, "1"],
  ["many bars", many("|", 9000), "1"],
  ["sets in sets", many("\\{", 3000) + many("\\}", 3000), "1"],
];

describe("work is bounded, and nothing throws:", () => {
  it.each(hostile)("%s", (_, a, b) => {
    for (const [one, other] of [
      [a, b],
      [b, a],
      [a, a],
    ] as const) {
      const { steps } = compareTexts(one, other, policies.default);
      expect(steps).toBeLessThanOrEqual(policies.default.maxSteps);
    }
    expect(compareTexts(a, b, policies.default).equal).toBe(compareTexts(b, a, policies.default).equal);
  });

  it("an answer whose work is used up is not equal, and says so", () => {
    expect(compareTexts(`${many("900!+", 1500)}1`, "1", policies.default)).toEqual({
      equal: false,
      rule: "work-limit",
      steps: 200_000,
    });
  });

  it.each(["toString", "constructor", "__proto__", "hasOwnProperty", "\\constructor", "5 constructor"])(
    "%s is a name as any other",
    (name) => {
      expect(compareTexts(name, name, policies.default)).toMatchObject({ equal: true });
      expect(compareTexts(name, "1", policies.default)).toMatchObject({ equal: false });
      expect(compareTexts(`${name}+1`, `1+${name}`, policies.default).rule).not.toBe("too-long");
    },
  );
});
