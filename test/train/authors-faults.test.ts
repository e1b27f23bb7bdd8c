import { describe, expect, it } from "vitest";
import { threadweaver } from "../../src/core/dialects/bundled/index.ts";
import { authorsAccelerationRatio } from "../../src/core/measures/authors-ratio.ts";
import { countTokens } from "../../src/core/measures/tokens.ts";
import { meanCentred } from "../../src/train/rewards/advantage.ts";
import { authorsReward } from "../../src/train/rewards/authors.ts";
import { reward } from "../../src/train/rewards/reward.ts";
import { flatten } from "../../src/train/flat/flatten.ts";
import { trainingUnits } from "../../src/train/units.ts";
import { idsOf } from "../../src/core/trie/path.ts";
import { play } from "../core/play.ts";
import { two } from "../core/machine/support.ts";
import { authorsAdvantages, authorsPadded, authorsRow, type AuthorsRlRow } from "../reference/authors-training.ts";
import { sequential } from "../../src/core/dialects/dialect.ts";
import { driven } from "./support.ts";

const tags = { parallelOpen: 1, parallelClose: 2, threadOpen: 3, threadClose: 4 };
const ratioOf = (ids: readonly number[], own = tags) => authorsAccelerationRatio(ids, own).accelerationRatio;
const thread = (length: number) => [3, ...Array.from({ length }, () => 9), 4];
const block = (...lengths: number[]) => [1, ...lengths.flatMap(thread), 2];
const rewardOf = (ids: readonly number[]) => authorsReward({ correct: true, accelerationRatio: ratioOf(ids) });

describe("the authors' statistics and reward have faults that ours have not", () => {
  it("threads that one call wrote alone earn an acceleration, though nothing ran side by side", () => {
    const written = `so ${two}<Thread>1: ${"x".repeat(40)}</Thread><Thread>2: ${"y".repeat(40)}</Thread></Parallel>`;
    const { state } = play(sequential(threadweaver), { "0": [written] });
    const found = idsOf(state.trie, state.sequences[0]!.head);
    const { markers } = play(threadweaver, { "0": ["x"] }).state.vocabulary;
    const own = {
      parallelOpen: markers["<Parallel>"] ?? 0,
      parallelClose: markers["</Parallel>"] ?? 0,
      threadOpen: markers["<Thread>"] ?? 0,
      threadClose: markers["</Thread>"] ?? 0,
    };
    expect("ids" in found && ratioOf(found.ids, own)).toBeGreaterThan(0.2);
    const { generated, criticalPath } = countTokens(state);
    expect(reward({ correct: true, generated, criticalPath })).toBe(1);
  });

  it("the prompt counts, so a long one dilutes the ratio, and a block in it raises it", () => {
    const text = [9, 9, ...block(30, 30), 9];
    expect(ratioOf([...Array.from({ length: 500 }, () => 9), ...text])).toBeLessThan(ratioOf(text) / 5);
    expect(ratioOf([...block(50, 50), 9, 9, 9])).toBeGreaterThan(0.4);
  });

  it("threads of the same length that say nothing raise the reward", () => {
    expect(rewardOf([9, 9, 9, ...block(20, 20, 20)])).toBeGreaterThan(rewardOf([9, 9, 9, ...block(20)]));
  });

  it("a longer thread beside the longest one raises it too, and the total shows that", () => {
    const [short, long] = [
      [...Array.from({ length: 100 }, () => 9), ...block(40, 5)],
      [...Array.from({ length: 100 }, () => 9), ...block(40, 25)],
    ];
    expect(rewardOf(long)).toBeGreaterThan(rewardOf(short));
    const [before, after] = [authorsAccelerationRatio(short, tags), authorsAccelerationRatio(long, tags)];
    expect(after.longestPath).toBe(before.longestPath);
    expect(after.total).toBeGreaterThan(before.total);
    const path = { limit: 100, buffer: 100, factor: 0.5 };
    const judged = (generated: number) => ({ correct: true, criticalPath: 60, generated });
    const penalised = (generated: number) => reward(judged(generated), { weight: 0, path });
    expect(penalised(200)).toBe(penalised(80));
  });

  it("a text that breaks off inside a block is rewarded as if it were whole", () => {
    const whole = [9, ...block(20, 20)];
    expect(ratioOf(whole.slice(0, -3))).toBeGreaterThan(0.3);
  });

  it("where tags have no tokens of their own, opening and closing are one id, and the numbers mean nothing", () => {
    const merged = { parallelOpen: 1, parallelClose: 1, threadOpen: 3, threadClose: 3 };
    const nested = [9, 1, ...thread(8), 1, ...thread(8), 2, 9];
    const asOne = nested.map((id) => (id === 2 ? 1 : id === 4 ? 3 : id));
    expect(authorsAccelerationRatio(nested, tags)).toMatchObject({ blocks: 1, threads: 2 });
    expect(authorsAccelerationRatio(asOne, merged)).toMatchObject({ blocks: 2, threads: 1, accelerationRatio: 0 });
  });

  it("nested threads are text of the outer one, which ends at the first inner end", () => {
    const nested = [1, 3, 9, 1, ...thread(10), ...thread(10), 2, 4, ...thread(5), 2];
    expect(authorsAccelerationRatio(nested, tags)).toMatchObject({ blocks: 1, threads: 2 });
  });

  it("the reward is not what their README says: a wrong answer costs 1, and the ratio is a share that was saved", () => {
    expect(authorsReward({ correct: false, accelerationRatio: 0.9 })).toBe(-1);
    const ids = [...Array.from({ length: 40 }, () => 9), ...block(10, 10)];
    const { total, longestPath } = authorsAccelerationRatio(ids, tags);
    const inReadme = 1 + 0.5 * Math.min(total / longestPath - 1, 0.2);
    expect(rewardOf(ids)).not.toBeCloseTo(inReadme, 3);
  });
});

describe("the authors' training data has faults that ours has not", () => {
  // prompt 7 8; a plan 5; two threads that begin differently; then an answer.
  const text = [7, 8, 1, 5, 3, 11, 20, 4, 3, 12, 21, 4, 2, 30];

  it("the first token of a side branch is a target of a leaf that it does not follow", () => {
    const { ids, parent, next } = authorsRow(text, tags);
    const wrong = ids.flatMap((_, i) => (i > 0 && parent[i] !== i - 1 ? [i] : []));
    expect(wrong).toHaveLength(1);
    const [at = 0] = wrong;
    expect([ids[at - 1], next[at - 1]]).toEqual([30, 12]);
    // And where the threads part, only the first of them is ever predicted.
    expect(next[parent[at] ?? -1]).toBe(11);
  });

  it("joined copies and headers are targets, and a copy is one in a context in which it was not sampled", () => {
    const { ids } = authorsRow(text, tags);
    expect(ids.filter((id) => id === 21)).toHaveLength(2);
    const played = play(threadweaver, {
      "0": [`so ${two}`, "</Parallel>end"],
      "0/1.1": [" x</Thread>"],
      "0/1.2": [" y</Thread>"],
    });
    const run = driven(played);
    const sampled = trainingUnits(run).flatMap(({ responseIds }) => responseIds);
    const y = "y".charCodeAt(0);
    for (const layout of ["trie", "spliced"] as const) {
      const { target, source } = flatten(run, { layout }).pairs;
      expect([...target].filter((id) => id === y)).toHaveLength(1);
      expect(new Set([...source].map((from, i) => `${from} ${target[i]}`)).size).toBe(sampled.length);
    }
  });

  it("a text that is cut to a length loses the threads of its first block, and keeps the copies", () => {
    const twoBlocks = [...text.slice(0, -1), 1, 5, 3, 13, 4, 3, 14, 4, 2, 30];
    const { ids, parent } = authorsRow(twoBlocks, tags);
    const branches = ids.flatMap((id, i) => (i > 0 && parent[i] !== i - 1 ? [id] : []));
    expect(branches).toEqual([14, 12]);
  });

  it("rows that are copied to fill up a batch give a rollout an advantage that is not centred", () => {
    const rows: AuthorsRlRow[] = [1.1, 0.9, 1.1].map((value, i) => {
      return { uid: i, base: `r${i}`, group: "g", isLast: true, reward: value };
    });
    const whole = authorsAdvantages(rows);
    expect(whole[0]).toBeCloseTo(0.0667, 3);
    expect(authorsAdvantages(authorsPadded(rows, 2))[0]).toBeCloseTo(1.1, 12);
    expect(meanCentred([1.1, 0.9, 1.1])[0]).toBeCloseTo(0.0667, 3);
  });
});
