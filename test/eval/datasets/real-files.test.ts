import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { datasets, loadDataset } from "../../../src/eval/index.ts";
import { equal } from "../../../src/grade/index.ts";

/** Where the files of the benchmarks are; they are no part of this project. */
const folder = process.env["THREADWEAVER_BENCHMARKS"] ?? "";

const files = [
  ["aime24", "aime24.jsonl"],
  ["aime25", "aime25.json"],
  ["amc23", "amc23.jsonl"],
  ["math500", "math500.json"],
  ["minerva", "minerva_math.jsonl"],
  ["olympiadbench", "olympiadbench.jsonl"],
  ["gsm8k", "gsm8k.jsonl"],
] as const;

describe.skipIf(folder === "")("the files of the benchmarks", () => {
  it.each(files)("%s: known, of the right size, and every answer but the listed ones is read", async (name, file) => {
    const { known, rows, problems, skipped, policy } = await loadDataset({ name, path: join(folder, file) });
    expect([known, rows]).toEqual([true, datasets[name].size]);
    const unreadable = skipped.map(({ id, answer }) => `${id}: ${answer}`);
    console.log(`${name}: ${rows} rows, ${problems.length} problems, left out: ${unreadable.join(" | ") || "none"}`);
    expect(unreadable).toEqual(name === "olympiadbench" ? ["2045: $t(0,4]$"] : []);
    const wrong = problems.filter(({ answer }) => !equal(answer, ` ${answer} `, policy).equal);
    expect(wrong).toEqual([]);
  });

  it("has one problem with a tolerance of its own", async () => {
    const { problems } = await loadDataset({ name: "olympiadbench", path: join(folder, "olympiadbench.jsonl") });
    const own = problems.filter(({ tolerance }) => tolerance !== undefined);
    expect(own.map(({ answer, tolerance }) => [answer, tolerance])).toEqual([["4.2", 0.1]]);
  });

  it("can be filtered by what they pass through", async () => {
    const path = join(folder, "math500.json");
    const sizes = await Promise.all(
      [1, 2, 3, 4, 5].map(
        async (level) => (await loadDataset({ name: "math500", path, filter: { level } })).problems.length,
      ),
    );
    expect(sizes).toEqual([43, 90, 105, 128, 134]);
  });
});
