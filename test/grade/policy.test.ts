import { describe, expect, it } from "vitest";
import { definePolicy, equal, policies, policyOf, type Policy, type PolicyChanges } from "../../src/grade/index.ts";

const is = (a: string, b: string, changes: PolicyChanges): boolean => equal(a, b, definePolicy(changes)).equal;

describe("a policy decides", () => {
  it("how far numbers may be apart, of the larger one or of the reference", () => {
    expect(is("100", "100.9", {})).toBe(false);
    expect(is("100", "100.9", { tolerance: { relative: 0.01 } })).toBe(true);
    expect(is("100", "101.005", { tolerance: { relative: 0.01 } })).toBe(true);
    expect(is("100", "101.005", { tolerance: { relative: 0.01, of: "reference" } })).toBe(false);
    expect(is("101.005", "100", { tolerance: { relative: 0.01, of: "reference" } })).toBe(true);
    expect(is(String.raw`\pi`, "3.14", { tolerance: { absolute: 0.01 } })).toBe(true);
    expect(is("x", "1.001x", { tolerance: { relative: 0.01 } })).toBe(false);
    expect(is("1/2^{5000}", "1/2^{4000}", { tolerance: { relative: 0.01 } })).toBe(false);
  });

  it("what a percent sign is", () => {
    for (const percent of ["value", "optional", "hundredfold"] as const) {
      expect(is(String.raw`62.5\%`, "0.625", { percent })).toBe(true);
      expect(is(String.raw`62.5\%`, "62.5", { percent })).toBe(percent !== "value");
      expect(is("62.5", "0.625", { percent })).toBe(percent === "hundredfold");
      expect(is(String.raw`8\%`, "0.8", { percent })).toBe(false);
    }
  });

  it("what units are worth", () => {
    const [metres, bare] = [String.raw`5\text{ m}`, "5"];
    expect(is(metres, String.raw`500\text{ cm}`, {})).toBe(true);
    expect(is(metres, String.raw`5\text{ cm}`, {})).toBe(false);
    expect(is(metres, String.raw`5\text{ cm}`, { units: "drop" })).toBe(true);
    expect(is(metres, bare, {})).toBe(true);
    expect(is(metres, bare, { units: "keep" })).toBe(false);
    expect(is(metres, metres, { units: "keep" })).toBe(true);
  });

  it("whether order, repetition, brackets, names, bases, ratios and words count", () => {
    expect(is("1,2", "2,1", {})).toBe(true);
    expect(is("1,2", "2,1", { order: "given" })).toBe(false);
    expect(is("1,2,2", "1,2", {})).toBe(true);
    expect(is("1,2,2", "1,2", { repeats: "counted" })).toBe(false);
    expect(is(String.raw`\{1,2,2\}`, "1,2", { repeats: "counted" })).toBe(true);
    expect(is("(1,2)", "1,2", { brackets: "keep" })).toBe(false);
    expect(is("x=5", "5", { names: "keep" })).toBe(false);
    expect(is("x=5", "x=5.0", { names: "keep" })).toBe(true);
    expect(is("12_5", "12", { base: "keep" })).toBe(false);
    expect(is("2:4", "1:2", { ratio: "keep" })).toBe(false);
    expect(is("two", "2", { words: "keep" })).toBe(false);
    expect(is("3,5", "3.5", { readings: "first" })).toBe(false);
  });

  it("whether a chain that contradicts itself has a value", () => {
    expect(is("11", "x=5+5=11", {})).toBe(true);
    expect(is("11", "x=5+5=11", { chains: "agree" })).toBe(false);
    expect(is("11", "x=5+6=11", { chains: "agree" })).toBe(true);
    expect(is("42", "41=42", { chains: "agree" })).toBe(false);
  });

  it("how much work is done", () => {
    expect(equal("x^2+1", "1+x^2", definePolicy({ maxSteps: 20 }))).toEqual({ equal: false, rule: "work-limit" });
  });

  it("nothing that a value does not allow: the error names the field and its values", () => {
    expect(() => definePolicy({ units: "ignore" as Policy["units"] })).toThrow(
      /field units is "ignore".*"agree", "keep", "drop"/,
    );
    expect(() => definePolicy({ tolerance: { relative: -1 } })).toThrow(/tolerance\.relative is -1.*from 0 to below 1/);
    expect(() => definePolicy({ tolerance: { absolute: Number.NaN } })).toThrow(/tolerance\.absolute/);
    expect(() => definePolicy({ tolerance: { of: "mean" as "larger" } })).toThrow(/tolerance\.of is "mean"/);
    expect(() => definePolicy({ maxSteps: 0 })).toThrow(/maxSteps is 0/);
    expect(() => definePolicy({ name: "" })).toThrow(/field name/);
    expect(() => definePolicy({ percents: "value" } as PolicyChanges)).toThrow(
      /field percents.*one of the fields name, tolerance, percent/,
    );
  });

  it("under its name, or the error lists the names", () => {
    for (const [name, policy] of Object.entries(policies)) {
      expect(policyOf(name)).toBe(policy);
      expect(policy.name).toBe(name);
    }
    expect(() => policyOf("toString")).toThrow(/no grading policy "toString"\. There are default, strict/);
    expect(() => equal("1", "1", "exact" as "strict")).toThrow(/no grading policy/);
  });
});
