import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { extractAnswer, type ExtractionRule } from "../../src/grade/index.ts";

const found = (text: string, rule?: ExtractionRule): string | undefined => extractAnswer(text, rule).answer;

describe("an answer is found", () => {
  it.each([
    [String.raw`so \boxed{42}.`, "42", "lastBox"],
    [String.raw`\boxed{\frac{1}{2}}`, String.raw`\frac{1}{2}`, "lastBox"],
    [String.raw`\boxed{41}, no, \boxed{42}`, "42", "lastBox"],
    [String.raw`\boxed {42}`, "42", "lastBox"],
    [String.raw`\boxed 5 and more`, "5", "lastBox"],
    [String.raw`\fbox{7} is it`, "7", "lastBox"],
    [String.raw`\framebox{7}`, "7", "lastBox"],
    [String.raw`\boxed{\left\{1,2\right\}}`, String.raw`\left\{1,2\right\}`, "lastBox"],
    [String.raw`\boxed{2}\) and \(\boxed{3}`, "2, 3", "boxes"],
    [String.raw`$\boxed{1}$, $\boxed{2}$ and $\boxed{3}$`, "1, 2, 3", "boxes"],
    [String.raw`\boxed{1} papers and \boxed{2} bins`, "2", "lastBox"],
    [String.raw`\boxed{41}\boxed{42}`, "42", "lastBox"],
    ["The final answer is 42.", "42", "finalAnswer"],
    ["Final Answer: The final answer is $x+1$. I hope it is correct.", "x+1", "finalAnswer"],
    ["**Answer:** 3.5 apples", "3.5 apples", "finalAnswer"],
    ["#### 1,234", "1,234", "finalAnswer"],
    ["  17 ", "17", "whole"],
  ])("in %j", (text, answer, rule) => {
    expect(extractAnswer(text)).toEqual({ answer, rule });
  });

  it("after the end of thinking only", () => {
    expect(found(String.raw`<think>\boxed{1}</think> so \boxed{2}`)).toBe("2");
    expect(extractAnswer(String.raw`\boxed{1}</think> so`, "lastBox")).toMatchObject({ why: "there is no box" });
    expect(found("<think>a</think>b</think> 3")).toBe("3");
  });

  it("nowhere in a text that was cut inside its last box, though it has others", () => {
    expect(extractAnswer(String.raw`\boxed{41} and \boxed{42`)).toMatchObject({
      answer: undefined,
      why: expect.stringContaining("no end"),
    });
    expect(extractAnswer(String.raw`\boxed{}`)).toMatchObject({ why: "the last box is empty" });
    expect(extractAnswer("  ")).toMatchObject({ why: "the text is empty" });
  });

  it("as the last number, with sign, thousands, decimals and denominator", () => {
    expect(found("from 12 to -1,234.5, then", "lastNumber")).toBe("-1,234.5");
    expect(found("it is 3/4.", "lastNumber")).toBe("3/4");
    expect(found("none", "lastNumber")).toBeUndefined();
  });

  it("by a pattern: its first group, or all of its last match", () => {
    expect(found("A: 1\nA: 2\n", { pattern: /A: (\d)/ })).toBe("2");
    expect(found("a1 b2", { pattern: /[a-z]\d/g })).toBe("b2");
    expect(extractAnswer("x", { pattern: /y/ })).toMatchObject({ rule: undefined });
  });

  it("by a path in JSON, also in the last fenced block of a text", () => {
    expect(found('{"a":{"b":["x","y"]}}', { jsonPath: "$.a.b[1]" })).toBe("y");
    expect(found('Here:\n```json\n{"final value": 3}\n```\n', { jsonPath: '$["final value"]' })).toBe("3");
    expect(found('{"a":1}', { jsonPath: "$.toString" })).toBeUndefined();
    expect(found("no JSON", { jsonPath: "$.a" })).toBeUndefined();
    expect(() => extractAnswer("", { jsonPath: "answer" })).toThrow(/JSON path "answer" cannot be read: expected \$/);
  });

  it("by no rule that there is not", () => {
    expect(() => extractAnswer("", "firstBox" as ExtractionRule)).toThrow(/no extraction rule "firstBox".*lastBox/);
  });

  it("as it was boxed, whatever surrounds it", () => {
    const inner = fc.stringMatching(/^[a-z0-9 +=,]{1,20}$/).filter((text) => text.trim() !== "");
    fc.assert(
      fc.property(inner, fc.string(), (content, before) => {
        const text = `${before.replaceAll("\\", "")} \\boxed{\\frac{${content}}{2}} done`;
        expect(found(text, "lastBox")).toBe(`\\frac{${content}}{2}`);
      }),
    );
  });

  it("in time that grows with the text alone", () => {
    const hostile = String.raw`\boxed{`.repeat(50_000) + " , ".repeat(50_000) + String.raw`\boxed{1}`;
    const began = performance.now();
    expect(found(hostile, "lastBox")).toBe("1");
    expect(found("$".repeat(200_000) + "answer: " + "*".repeat(200_000), "finalAnswer")).toBeUndefined();
    expect(performance.now() - began).toBeLessThan(5000);
  });
});
