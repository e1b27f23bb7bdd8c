import { describe, expect, it } from "vitest";
import { defaultLimits, least, left, limitsSchema, resolveLimits } from "../../../src/core/limits/limits.ts";

describe("the limits of a run", () => {
  it("are its own, else its dialect's, else the defaults; what is undefined was not given", () => {
    const limits = resolveLimits({ threads: 3, runTokens: undefined }, { threads: 5, forks: 4, threadTokens: 9 });
    expect(limits).toEqual({ ...defaultLimits, threads: 3, forks: 4, threadTokens: 9 });
    expect(resolveLimits({}, {})).toEqual({ threads: 64, forks: 32, depth: 16, calls: 256 });
  });

  it("are checked: no call at all, or half a token, is no limit", () => {
    for (const bad of [{ calls: 0 }, { runTokens: 1.5 }, { depth: -1 }, { ms: -1 }, { tokens: 5 }]) {
      expect(limitsSchema.partial().safeParse(bad).success, JSON.stringify(bad)).toBe(false);
    }
    expect(limitsSchema.partial().safeParse({ calls: 1, runTokens: 0, depth: 0, ms: 0.5 }).success).toBe(true);
  });
});

describe("what is left", () => {
  const limits = { ...defaultLimits, threads: 4, runTokens: 100, threadTokens: 10 };

  it("is said of the limits that are asked about and set, in the order of the table", () => {
    expect(left(limits, { threadTokens: 3, runTokens: 99, criticalTokens: 5, threads: 6 })).toEqual([
      { limit: "threads", amount: -2 },
      { limit: "runTokens", amount: 1 },
      { limit: "threadTokens", amount: 7 },
    ]);
    expect(left(limits, { runTokens: undefined })).toEqual([]);
  });

  it("is least of the tightest, of the first of equals, and of none where none is set", () => {
    expect(least(limits, { runTokens: 95, threadTokens: 3 })).toEqual({ limit: "runTokens", amount: 5 });
    expect(least(limits, { runTokens: 90, threadTokens: 0 })).toEqual({ limit: "runTokens", amount: 10 });
    expect(least(limits, { runTokens: 0, threadTokens: 0 })).toEqual({ limit: "threadTokens", amount: 10 });
    expect(least(limits, { criticalTokens: 3 })).toBeUndefined();
  });
});
