import { describe, expect, it } from "vitest";
import { ThreadweaverError } from "../../src/errors.ts";
import { threadweaver } from "../../src/core/dialects/bundled/index.ts";
import { groupRows, rollOut, type Rollout } from "../../src/rollout/index.ts";
import { createRunner } from "../../src/run/runner.ts";
import { collected, engineWithOdds } from "./support.ts";

/** Right or wrong, tokens on the critical path, all tokens. */
type One = readonly [correct: boolean, path: number, total: number];

/** Ten groups, and their advantages worked out by hand: reward -1, or 1 + 0.5 * min(1 - path / total, 0.2), less the mean. */
const byHand: readonly (readonly [group: readonly One[], advantages: readonly number[]])[] = [
  // 1 and -1: mean 0.
  [
    [
      [true, 10, 10],
      [false, 10, 10],
    ],
    [1, -1],
  ],
  // All right, none forked: all rewards are 1.
  [
    [
      [true, 50, 50],
      [true, 70, 70],
    ],
    [0, 0],
  ],
  // All wrong, however fast.
  [
    [
      [false, 10, 100],
      [false, 100, 100],
    ],
    [0, 0],
  ],
  // 1.05 and 1: a tenth saved is worth 0.05; the mean is 1.025.
  [
    [
      [true, 90, 100],
      [true, 100, 100],
    ],
    [0.025, -0.025],
  ],
  // Half saved counts as a fifth: 1.1 and 1.1.
  [
    [
      [true, 50, 100],
      [true, 80, 100],
    ],
    [0, 0],
  ],
  // 1.1, 1, 1, -1: the mean is 0.525.
  [
    [
      [true, 50, 100],
      [true, 90, 90],
      [true, 80, 80],
      [false, 5, 10],
    ],
    [0.575, 0.475, 0.475, -1.525],
  ],
  // 1.1, 1.1, 1, 1: the mean is 1.05.
  [
    [
      [true, 60, 100],
      [true, 70, 100],
      [true, 100, 100],
      [true, 100, 100],
    ],
    [0.05, 0.05, -0.05, -0.05],
  ],
  // 1.1, -1, -1, -1: the mean is -0.475.
  [
    [
      [true, 1, 2],
      [false, 1, 2],
      [false, 2, 2],
      [false, 3, 3],
    ],
    [1.575, -0.525, -0.525, -0.525],
  ],
  // 1.02, 1.04, 1.06: the mean is 1.04.
  [
    [
      [true, 96, 100],
      [true, 92, 100],
      [true, 88, 100],
    ],
    [-0.02, 0, 0.02],
  ],
  // 1.075, 1.025, -1: the mean is 1.1 / 3.
  [
    [
      [true, 85, 100],
      [true, 95, 100],
      [false, 1, 1],
    ],
    [1.075 - 1.1 / 3, 1.025 - 1.1 / 3, -1 - 1.1 / 3],
  ],
];

describe("the rows of a group", async () => {
  const sampled = await collected(
    rollOut(
      createRunner({ engine: engineWithOdds(() => ({ text: "\\boxed{4}" })), dialect: threadweaver }),
      [{ id: "p", input: { prompt: "Q" }, answer: "4" }],
      { group: 2 },
    ),
  );
  const rollout = sampled.find((one): one is Rollout => "result" in one)!;
  const made = ([correct, criticalPath, generated]: One, sample: number): Rollout => {
    const tokens = { ...rollout.result.tokens, criticalPath, generated };
    return { ...rollout, sample, correct, result: { ...rollout.result, tokens } };
  };

  it.each(byHand)("have the advantages that were worked out by hand: %j", (group, advantages) => {
    const { rows, scored } = groupRows(group.map(made));
    expect(rows).toHaveLength(group.length);
    for (const [i, { advantage, rollout_id }] of rows.entries()) {
      expect(rollout_id).toBe(`p/${i}`);
      expect(advantage).toBeCloseTo(advantages[i]!, 12);
    }
    expect(scored.equal).toBe(advantages.every((one) => one === 0));
  });

  it("name the weights: those that were given where the server says nothing, and never others than it says", () => {
    const group = byHand[0]![0].map(made);
    expect(groupRows(group).rows.map((row) => row.weight_version)).toEqual([null, null]);
    const named = groupRows(group, { weightVersion: "step-3" });
    expect(named.rows.map((row) => row.weight_version)).toEqual(["step-3", "step-3"]);
    const [first, second] = group.map((one) => structuredClone(one));
    for (const { origins } of second!.result.tree.segments) for (const one of origins ?? []) one.weightVersion = "old";
    expect(() => groupRows([first!, second!], { weightVersion: "step-3" })).toThrow(
      /p\/1 was sampled with the weights old, and step-3 were meant/,
    );
  });

  it("are of one problem", () => {
    const [a, b] = byHand[0]![0].map(made);
    expect(() => groupRows([a!, { ...b!, id: "q" }])).toThrow(ThreadweaverError);
  });
});
