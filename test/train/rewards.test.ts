import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  authorsAccelerationRatio,
  type AuthorsStatistics,
  type BlockTags,
} from "../../src/core/measures/authors-ratio.ts";
import { meanCentred } from "../../src/train/rewards/advantage.ts";
import { authorsReward } from "../../src/train/rewards/authors.ts";
import { scoreGroup } from "../../src/train/rewards/group.ts";
import { lengthPenalties } from "../../src/train/rewards/length-penalty.ts";
import { pathPenalty, reward, type Judged, type RewardOptions } from "../../src/train/rewards/reward.ts";

interface Vectors {
  tags: BlockTags;
  statistics: { ids: number[]; statistics: AuthorsStatistics }[];
  rewards: { rollout: Judged; options: RewardOptions; reward: number; ratio: number; authors: number }[];
  groups: { group: Judged[]; penalties: number[]; rewards: number[]; advantages: number[] }[];
}

/** What the twin in Python gave, which shares no code with the one here (`training/tests/make_vectors.py`). */
const vectors = JSON.parse(
  readFileSync(new URL("../fixtures/reward-vectors.json", import.meta.url), "utf8"),
) as Vectors;

describe("rewards are those of their twin in Python", () => {
  it("in the authors' statistics of 1,000 texts, half of them damaged", () => {
    expect(vectors.statistics).toHaveLength(1000);
    for (const { ids, statistics } of vectors.statistics)
      expect(authorsAccelerationRatio(ids, vectors.tags)).toEqual(statistics);
    const kinds = new Set(vectors.statistics.map(({ statistics }) => Math.min(2, statistics.blocks)));
    expect(kinds).toEqual(new Set([0, 1, 2]));
  });

  it("for single rollouts, with every option", () => {
    for (const { rollout, options, reward: value, ratio, authors } of vectors.rewards) {
      expect(reward(rollout, options)).toBe(value);
      expect(authorsReward({ correct: rollout.correct, accelerationRatio: ratio })).toBe(authors);
    }
  });

  it("for groups", () => {
    for (const { group, penalties, rewards, advantages } of vectors.groups) {
      expect(lengthPenalties(group)).toEqual(penalties);
      const scored = scoreGroup(group, { length: {} });
      expect(scored.rollouts.map((one) => one.reward)).toEqual(rewards);
      expect(scored.rollouts.map((one) => one.advantage)).toEqual(advantages);
    }
  });
});

describe("a reward", () => {
  const right = { correct: true, criticalPath: 900, generated: 1000 };

  it("is what the page says, worked out by hand", () => {
    expect(reward(right)).toBeCloseTo(1.05, 12);
    expect(reward({ ...right, criticalPath: 500 })).toBe(1.1);
    expect(reward({ ...right, correct: false })).toBe(-1);
    expect(reward({ ...right, generated: 0, criticalPath: 0 })).toBe(1);
    expect(pathPenalty(6500, { limit: 7500, buffer: 5500, factor: 0.1 })).toBeCloseTo(0.1 * (4500 / 5500), 12);
    expect(pathPenalty(2000, { limit: 7500, buffer: 5500, factor: 0.1 })).toBe(0);
    expect(pathPenalty(9999, { limit: 7500, buffer: 5500, factor: 0.1 })).toBe(0.1);
  });

  it("of a wrong answer never depends on its speed, and no speed outweighs a right answer", () => {
    fc.assert(
      fc.property(fc.nat({ max: 9999 }), fc.nat({ max: 9999 }), (a, b) => {
        const [criticalPath, generated] = [Math.min(a, b), Math.max(a, b)];
        expect(reward({ correct: false, criticalPath, generated })).toBe(-1);
        expect(reward({ correct: true, criticalPath, generated })).toBeGreaterThanOrEqual(1);
      }),
    );
  });

  it("is logged beside the path and the total, so that a total that only grows is seen", () => {
    const { rollouts, means } = scoreGroup([right, { ...right, generated: 2000 }]);
    expect(rollouts.map(({ pathTokens, totalTokens }) => [pathTokens, totalTokens])).toEqual([
      [900, 1000],
      [900, 2000],
    ]);
    expect(means).toMatchObject({ pathTokens: 900, totalTokens: 1500 });
  });
});

describe("an advantage", () => {
  it("is exactly zero where all rewards are equal, and sums up to nothing", () => {
    expect(meanCentred([0.1, 0.1, 0.1])).toEqual([0, 0, 0]);
    expect(scoreGroup([{ correct: true, criticalPath: 5, generated: 5 }])).toMatchObject({ equal: true });
    expect(meanCentred([])).toEqual([]);
    fc.assert(
      fc.property(fc.array(fc.double({ min: -2, max: 2, noNaN: true }), { minLength: 1 }), (rewards) => {
        expect(meanCentred(rewards).reduce((sum, one) => sum + one, 0)).toBeCloseTo(0, 9);
      }),
    );
  });

  it("of speed alone stays small beside one of right and wrong", () => {
    const rollout = (correct: boolean, criticalPath: number) => ({ correct, criticalPath, generated: 1000 });
    const speed = scoreGroup([rollout(true, 1000), rollout(true, 800)]).rollouts[1]!.advantage;
    const truth = scoreGroup([rollout(true, 1000), rollout(false, 1000)]).rollouts[0]!.advantage;
    expect([speed, truth]).toEqual([expect.closeTo(0.05, 12), 1]);
  });
});
