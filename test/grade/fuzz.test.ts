import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { compareTexts } from "../../src/grade/equal.ts";
import { policies, type PolicyName } from "../../src/grade/index.ts";
import { pairs } from "./arbitrary-answers.ts";

/** The full run has 100,000 pairs: `THREADWEAVER_FUZZ_PAIRS=100000 npx vitest run test/grade/fuzz.test.ts`. */
const numRuns = Number(process.env["THREADWEAVER_FUZZ_PAIRS"] ?? 5000);
const names = Object.keys(policies) as PolicyName[];
const unread = ["nothing", "too-long", "work-limit"];

describe("whatever two answers are", () => {
  it(
    "they are compared within the step bound, alike both ways round where the policy says so, and equal to themselves",
    { timeout: 1_800_000 },
    () => {
      let [most, slowest, equal] = [0, 0, 0];
      const began = performance.now();
      fc.assert(
        fc.property(pairs, fc.constantFrom(...names), ([a, b], name) => {
          const policy = policies[name];
          const start = performance.now();
          const there = compareTexts(a, b, policy);
          slowest = Math.max(slowest, performance.now() - start);
          most = Math.max(most, there.steps);
          equal += Number(there.equal);
          expect(there.steps).toBeLessThanOrEqual(policy.maxSteps);
          if (policy.tolerance.of === "larger") expect(compareTexts(b, a, policy).equal).toBe(there.equal);
          const self = compareTexts(a, a, policy);
          expect(self.equal || unread.includes(self.rule)).toBe(true);
        }),
        { numRuns, seed: Number(process.env["THREADWEAVER_FUZZ_SEED"] ?? 14) },
      );
      const ms = performance.now() - began;
      console.log(
        `${numRuns} pairs: ${equal} equal, at most ${most} steps and ${slowest.toFixed(0)} ms a pair, ${Math.round(ms)} ms in all`,
      );
      expect(equal).toBeGreaterThan(numRuns / 10);
      expect(equal).toBeLessThan(numRuns);
    },
  );
});
