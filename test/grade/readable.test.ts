import { describe, expect, it } from "vitest";
import { equal, isReadable, policies } from "../../src/grade/index.ts";

describe("an answer is readable", () => {
  it.each(["1/2", "x+1", "(C)", "yes", "Evelyn", String.raw`\text{no solution}`, "1,2", "90^\\circ", "y=2x", "1e+21"])(
    "as mathematics or as words: %s",
    (answer) => {
      expect(isReadable(answer)).toBe(true);
      expect(isReadable(answer, "strict")).toBe(true);
    },
  );

  it.each(["", "  ", "$", "x+", String.raw`\frac{1}`, "(0,", String.raw`\int x dx`, "?"])(
    "or not, and then it equals only itself: %s",
    (answer) => {
      expect(isReadable(answer)).toBe(false);
      expect(equal(answer, "1").equal).toBe(false);
    },
  );

  it("within the bounds of the work and of the length", () => {
    expect(isReadable("1+".repeat(100) + "1", { ...policies.default, maxSteps: 100 })).toBe(false);
    expect(isReadable("1+".repeat(100) + "1")).toBe(true);
    expect(isReadable("1".repeat(10_001))).toBe(false);
  });
});
