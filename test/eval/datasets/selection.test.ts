import { describe, expect, it } from "vitest";
import { loadDataset, type Selection } from "../../../src/eval/index.ts";

const idsOf = async (selection: Selection): Promise<string[]> =>
  (await loadDataset({ name: "bundled", ...selection })).problems.map(({ id }) => id);

describe("a selection of problems", () => {
  it("is by default all, in the order of the file", async () => {
    expect(await idsOf({})).toHaveLength(60);
    expect(await idsOf({ limit: 2 })).toEqual((await idsOf({})).slice(0, 2));
    expect(await idsOf({ limit: 1000 })).toHaveLength(60);
  });

  it("is by any column, also by several values, and a number may be given as text", async () => {
    const { problems } = await loadDataset({ name: "bundled", filter: { kind: "chain", steps: ["3", 4] } });
    const all = (await loadDataset({ name: "bundled" })).problems;
    expect(problems).toEqual(all.filter(({ fields }) => fields["steps"] === 3 || fields["steps"] === 4));
    expect(problems.length).toBeGreaterThan(10);
  });

  it("is by ids, in the order of the file", async () => {
    expect(await idsOf({ ids: ["two-dice", "school-trip"] })).toEqual(["school-trip", "two-dice"]);
  });

  it("is a sample that a seed names, and another seed gives another", async () => {
    const all = await idsOf({});
    const sample = await idsOf({ seed: 1, limit: 10 });
    expect(await idsOf({ seed: 1, limit: 10 })).toEqual(sample);
    expect(await idsOf({ seed: 2, limit: 10 })).not.toEqual(sample);
    const shuffled = await idsOf({ seed: 1 });
    expect(shuffled).not.toEqual(all);
    expect(shuffled.toSorted()).toEqual(all.toSorted());
    expect(sample).toEqual(shuffled.slice(0, 10));
  });

  it("draws every problem about equally often", async () => {
    const counts = new Map<string, number>();
    for (let seed = 0; seed < 300; seed += 1) {
      // oxlint-disable-next-line no-await-in-loop -- nothing is waited for
      for (const id of await idsOf({ seed, limit: 20 })) counts.set(id, (counts.get(id) ?? 0) + 1);
    }
    // 100 expected, with a standard deviation of 8.2.
    expect(counts.size).toBe(60);
    expect(Math.min(...counts.values())).toBeGreaterThan(65);
    expect(Math.max(...counts.values())).toBeLessThan(135);
  });

  it.each<[string, Selection, RegExp]>([
    ["a column that there is not", { filter: { level: 5 } }, /column level, which.*They have id, kind, parts, topic,/],
    ["a value that there is not", { filter: { kind: "both" } }, /with kind = both\. There are decomposes, chain\./],
    [
      "what excludes each other",
      { filter: { kind: "chain", parts: 3 } },
      /column parts, which no problem that is left has/,
    ],
    ["an id that there is not", { ids: ["two-dice", "x"] }, /no problems with the ids x\. Its ids are such as three-/],
    ["no ids", { ids: [] }, /ids is empty/],
    ["a limit of nothing", { limit: 0 }, /limit is 0: expected a whole number from 1/],
    ["half a seed", { seed: 0.5 }, /seed is 0\.5: expected a whole number from 0/],
  ])("is refused for %s", async (_, selection, message) => {
    await expect(idsOf(selection)).rejects.toMatchObject({
      code: "invalid_option",
      message: expect.stringMatching(message) as string,
    });
  });
});
