import fc from "fast-check";
import { describe, expect, it, vi } from "vitest";
import { accuracy, majorityAtK, seededRandom } from "../../../src/eval/index.ts";
import { equal } from "../../../src/grade/index.ts";
import { everySubsetOf } from "./subsets.ts";

const same = (one: string, other: string): boolean => one === other;
const one = (answers: (string | undefined)[], reference = "7") => ({ only: { answers, reference } });

/** maj@k by its definition. */
function byDefinition(answers: readonly string[], k: number): number {
  const subsets = everySubsetOf(answers, k).map((subset) => {
    const votes = new Map<string, number>();
    for (const answer of subset) votes.set(answer, (votes.get(answer) ?? 0) + 1);
    const most = Math.max(...votes.values());
    return votes.get("7") === most ? 1 / [...votes.values()].filter((count) => count === most).length : 0;
  });
  return subsets.reduce((sum, share) => sum + share, 0) / subsets.length;
}

/** Equal if they are near: not transitive. */
const near = (one: string, other: string): boolean => Math.abs(Number(one) - Number(other)) <= 1;

describe("maj@k", () => {
  it("is the accuracy with one vote, whatever the grader takes for equal", () => {
    const problem = fc.record({
      answers: fc.array(fc.option(fc.integer({ min: 0, max: 9 }).map(String), { nil: undefined }), { minLength: 1 }),
      reference: fc.constantFrom("2", "5"),
    });
    fc.assert(
      fc.property(fc.dictionary(fc.string(), problem, { minKeys: 1 }), (problems) => {
        const graded = Object.entries(problems).map(([name, { answers, reference }]) => [
          name,
          answers.map((answer) => Number(answer !== undefined && near(reference, answer))),
        ]);
        const expected = accuracy(Object.fromEntries(graded)).value;
        expect(majorityAtK(problems, 1, { equal: near }).value).toBeCloseTo(expected, 12);
      }),
    );
  });

  it("gives no answer the verdict of another one that it equals", () => {
    // 6 is wrong and 7 is right, though each equals the other; 9 is wrong.
    expect(majorityAtK(one(["6", "7", "7"], "8"), 3, { equal: near }).value).toBe(1);
    expect(majorityAtK(one(["7", "6", "6"], "8"), 3, { equal: near }).value).toBe(0);
  });

  it("takes right answers for one, and wrong ones that are equal too", () => {
    // 7 and 9 are right, and not equal to each other
    expect(majorityAtK(one(["7", "9", "5"], "8"), 3, { equal: near }).value).toBe(1);
    expect(majorityAtK(one(["7", "9", "1", "2", "2"], "8"), 5, { equal: near }).value).toBe(0);
  });

  it("gives each of the tied answers its share", () => {
    expect(majorityAtK(one(["7", "8"]), 2, { equal: same }).value).toBe(0.5);
    expect(majorityAtK(one(["7", "8", "9"]), 3, { equal: same }).value).toBeCloseTo(1 / 3, 14);
  });

  it("counts answers that are equal, not answers that look equal", () => {
    const graded = (one: string, other: string): boolean => equal(one, other).equal;
    const answers = ["1/2", "0.5", String.raw`\frac{2}{4}`, "3", "3"];
    expect(majorityAtK(one(answers, "50%"), 5, { equal: graded }).value).toBe(1);
    expect(majorityAtK(one(answers, "50%"), 5, { equal: same }).value).toBe(0);
  });

  it("lets samples without an answer have no vote, and a subset without any count as wrong", () => {
    expect(majorityAtK(one([undefined, undefined, "7"]), 3, { equal: same }).value).toBe(1);
    expect(majorityAtK(one([undefined, undefined, "7"]), 2, { equal: same }).value).toBeCloseTo(2 / 3, 14);
    expect(majorityAtK(one([undefined]), 1, { equal: same }).value).toBe(0);
  });

  it("is the mean over every subset where there are few", () => {
    const answers = fc.array(fc.constantFrom("7", "8", "9", "10"), { minLength: 1, maxLength: 8 });
    fc.assert(
      fc.property(answers, fc.integer({ min: 1, max: 8 }), (sampled, size) => {
        const k = Math.min(size, sampled.length);
        const { value, drawnProblems } = majorityAtK(one(sampled), k, { equal: same });
        expect(value).toBeCloseTo(byDefinition(sampled, k), 12);
        expect(drawnProblems).toBe(0);
      }),
    );
  });

  it("draws subsets where there are more, says so, and comes near the mean over all", () => {
    const answers = ["7", "7", "7", "7", "7", "8", "8", "8", "8", "9", "9", "10"];
    const few = majorityAtK(one(answers), 6, { equal: same, draws: 900, random: seededRandom(2) });
    expect(few).toMatchObject({ draws: 900, drawnProblems: 1 });
    const all = majorityAtK(one(answers), 6, { equal: same, draws: 924 });
    expect(all).toMatchObject({ draws: 924, drawnProblems: 0 });
    expect(few.value).not.toBe(all.value);
    expect(Math.abs(few.value - all.value)).toBeLessThan(0.04);
  });

  it("gives the same number again without a generator of one's own", () => {
    const answers = Array.from({ length: 64 }, (_, i) => String(5 + (i % 5)));
    const twice = [1, 2].map(() => majorityAtK(one(answers), 8, { equal: same, draws: 300 }).value);
    expect(twice[0]).toBe(twice[1]);
  });

  it("compares each answer with one of each class only", () => {
    const counted = vi.fn(same);
    majorityAtK(one(Array.from({ length: 200 }, (_, i) => String(i % 4))), 3, { equal: counted, draws: 10 });
    expect(counted.mock.calls.length).toBeLessThan(200 * 4 + 5);
  });
});
