import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { datasets, loadDataset, type DatasetOptions } from "../../../src/eval/index.ts";
import { equal } from "../../../src/grade/index.ts";
import { asParquet } from "./write.ts";

const boxed = String.raw`It is \boxed{2}.`;

/** Columns of a release with a row that was made up, and what must come of it. */
const releases: readonly (readonly [name: string, release: string, row: object, expected: object])[] = [
  ["aime24", "HuggingFaceH4/aime_2024", { id: 60, problem: "Q", solution: "so", answer: "073", url: "u" }, aime("60")],
  ["aime24", "Maxwell-Jia/AIME_2024", { ID: "2024-I-1", Problem: "Q", Solution: "so", Answer: 73 }, aime("2024-I-1")],
  ["aime24", "math-ai/aime24", { id: 0, problem: "Q", solution: String.raw`\boxed{73}`, url: "u" }, aime("0")],
  ["aime24", "evalscope/aime24", { problem: "Q", solution: String.raw`\boxed{73}` }, aime("1")],
  ["aime24", "QwenLM/Qwen2.5-Math", { id: 60, problem: "Q", solution: "so", answer: "73", question: "Q" }, aime("60")],
  ["aime25", "math-ai/aime25", { id: "0", problem: "Q", answer: "73" }, aime("0")],
  ["aime25", "yentinglin/aime_2025", { id: "5", problem: "Q", answer: "73", solution: "so", year: 2025 }, aime("5")],
  ["aime25", "opencompass/AIME2025", { question: "Q", answer: "73" }, aime("1")],
  ["aime25", "bigai-nlco/Native-Parallel-Reasoner", { question: "Q", answer: String.raw`73^\circ` }, aime("1")],
  ["amc23", "math-ai/amc23", { id: 0, question: "Q", answer: "27.0", url: "u" }, { id: "0", right: "27" }],
  ["amc23", "QwenLM/Qwen2.5-Math", { id: 1, problem: "Q", answer: 27, question: "Q" }, { id: "1", right: "27.0" }],
  ["amc23", "bigai-nlco/Native-Parallel-Reasoner", { question: "Q", answer: "27.0" }, { id: "1", right: "27" }],
  [
    "math500",
    "HuggingFaceH4/MATH-500",
    { problem: "Q", solution: "so", answer: String.raw`\frac12`, subject: "Algebra", level: 5, unique_id: "a/1.json" },
    { id: "a/1.json", right: "0.5", fields: { solution: "so", subject: "Algebra", level: 5 } },
  ],
  [
    "minerva",
    "knoveleng/Minerva-Math",
    { problem: "Q", solution: String.raw`\boxed{1} is not it, \boxed{4.5e33} \mathrm{~erg}`, type: "stars", idx: 7 },
    { id: "7", answer: "4.5e33", right: String.raw`4.5 \times 10^{33}` },
  ],
  ["math500", "ZubinGou/math-evaluation-harness", { problem: "Q", answer: "5", unique_id: "b" }, { id: "b" }],
  ["math500", "bigai-nlco/Native-Parallel-Reasoner", { problem: "Q", answer: "5", unique_id: "b" }, { answer: "5" }],
  ["minerva", "QwenLM/Qwen2.5-Math", { problem: "Q", solution: boxed, type: "t", idx: 8 }, { id: "8", answer: "2" }],
  ["minerva", "ZubinGou/math-evaluation-harness", { problem: "Q", solution: boxed, idx: 8 }, { id: "8", answer: "2" }],
  ["minerva", "math-ai/minervamath", { question: "Q", answer: "4.5e33" }, { id: "1", answer: "4.5e33" }],
  [
    "minerva",
    "zhangirazerbayev/ocwcourses",
    { problem: "Q", solution: boxed, type: "t" },
    { id: "1", answer: "2", fields: { solution: boxed, type: "t" } },
  ],
  [
    "olympiadbench",
    "Hothan/OlympiadBench",
    { id: 9, question: "Q", final_answer: ["$69$,$84$"], is_multiple_answer: true, unit: null, error: null },
    { id: "9", right: "84, 69", fields: { is_multiple_answer: true, unit: null, error: null } },
  ],
  [
    "olympiadbench",
    "QwenLM/Qwen2.5-Math",
    { id: 9, question: "Q", final_answer: ["4.2"], is_multiple_answer: false, unit: "%", error: "1e-1" },
    { id: "9", answer: "4.2", tolerance: 0.1 },
  ],
  ["gsm8k", "openai/gsm8k", { question: "Q", answer: "1 + 1 = <<1+1=2>>2\n#### 1,250" }, { id: "1", right: "1250" }],
  ["gsm8k", "QwenLM/Qwen2.5-Math", { question: "Q", answer: "so\n#### 3", idx: 4 }, { id: "4", answer: "3" }],
];

function aime(id: string): object {
  return { id, right: "73" };
}

describe("the benchmarks by name", () => {
  const folder = mkdtempSync(join(tmpdir(), "threadweaver-named-"));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  const write = (rows: readonly object[]): string => {
    const path = join(folder, "rows.jsonl");
    writeFileSync(path, rows.map((row) => JSON.stringify(row)).join("\n"));
    return path;
  };
  const messageOf = (options: DatasetOptions): Promise<string> =>
    loadDataset(options).then(
      () => "nothing",
      (error: unknown) => String(error),
    );

  it.each(releases)("%s has the columns of %s", async (name, _, row, { right, ...expected }: { right?: string }) => {
    const { problems, policy, known } = await loadDataset({ name, path: write([row]) });
    expect(known).toBe(false);
    expect(problems).toHaveLength(1);
    expect(problems[0]).toMatchObject({ question: "Q", ...expected });
    if (right !== undefined) expect(equal(problems[0]?.answer ?? "", right, policy).equal).toBe(true);
  });

  it("are tested with every release that they name, and with no other", () => {
    for (const [name, dataset] of Object.entries(datasets)) {
      const tested = releases.filter(([of]) => of === name).map(([, release]) => release);
      expect(tested.toSorted()).toEqual(dataset.releases.toSorted());
    }
  });

  it("take a list of answers from parquet, too", async () => {
    const path = join(folder, "rows.parquet");
    const row = { id: 9n, question: "Q", final_answer: ["$2$", "$3$"], error: null };
    writeFileSync(path, asParquet([row]));
    const { problems } = await loadDataset({ name: "olympiadbench", path });
    expect(problems).toEqual([
      { id: "9", question: "Q", answer: "$2$, $3$", fields: { final_answer: ["$2$", "$3$"], error: null } },
    ]);
  });

  it("leave out and list what cannot be graded, with its place and why", async () => {
    const path = write([
      { problem: "Q", solution: String.raw`\boxed{1}`, idx: 0 },
      { problem: "Q", solution: "no box", idx: 1 },
      { problem: "Q", solution: null, idx: 2 },
      { problem: "Q", solution: "", idx: 3 },
      { problem: "Q", solution: String.raw`\boxed{(0,}`, idx: 4 },
    ]);
    const { problems, skipped, rows } = await loadDataset({ name: "minerva", path });
    expect([rows, problems.length]).toEqual([5, 1]);
    expect(skipped).toEqual([
      { id: "1", place: "line 2", answer: "no box", why: "there is no box" },
      { id: "2", place: "line 3", answer: "null", why: "it is neither text nor a number" },
      { id: "3", place: "line 4", answer: "", why: "it is empty" },
      {
        id: "4",
        place: "line 5",
        answer: String.raw`\boxed{(0,}`,
        why: "the grader reads it neither as mathematics nor as words",
      },
    ]);
    const odd = write([{ id: 1, question: "Q", final_answer: ["2"], error: "some" }]);
    expect((await loadDataset({ name: "olympiadbench", path: odd })).skipped).toEqual([
      { id: "1", place: "line 1", answer: "some", why: "its tolerance is no number above 0" },
    ]);
  });

  it("are refused where there are none of that name, with the names there are", async () => {
    expect(await messageOf({ name: "aime26" })).toMatch(
      /no dataset "aime26"\. There are bundled, aime24, aime25, amc23, math500, minerva, olympiadbench, gsm8k\. For a/,
    );
    expect(await messageOf({ name: "toString", path: "x.json" })).toContain('no dataset "toString"');
  });

  it("are refused without a file, and the message says where it is published", async () => {
    expect(await messageOf({ name: "amc23" })).toMatch(/amc23 needs `path`.*published as math-ai\/amc23/);
    expect(await messageOf({ name: "bundled", path: "x.json" })).toMatch(/leave out `path` and `columns`/);
  });

  it("are refused with other columns, with those found and those expected", async () => {
    const path = write([{ prompt: "Q", target: "1" }]);
    expect(await messageOf({ name: "gsm8k", path })).toMatch(
      /columns of any release of gsm8k\. Found: prompt, target\. Expected: idx, question, answer; or question, answer\. Say in/,
    );
    const columns = { question: "prompt", answer: "goal" };
    expect(await messageOf({ name: "mine", path, columns })).toMatch(
      /columns that were given\. Found: prompt, target\. Expected: prompt, goal\./,
    );
  });

  it("are refused with columns that have no name, and forms that there are not", async () => {
    const messageFor = (columns: object): Promise<string> =>
      messageOf({
        name: "mine",
        path: write([{ q: "Q", a: "1" }]),
        columns: { question: "q", answer: "a", ...columns },
      });
    expect(await messageFor({ form: "boxes" })).toMatch(
      /columns\.form is "boxes": expected one of plain, box, hashes\./,
    );
    expect(await messageFor({ answer: "" })).toMatch(/columns\.answer is "": expected the name of a column\./);
    expect(await messageFor({ question: undefined })).toMatch(/columns\.question is undefined: expected/);
    expect(await messageFor({})).toBe("nothing");
  });

  it("keep their policy with columns of your own, and a file of your own has the default one", async () => {
    const path = write([{ prompt: "Q", target: "so: #### 5" }]);
    const columns = { question: "prompt", answer: "target", form: "hashes" } as const;
    const named = await loadDataset({ name: "gsm8k", path, columns });
    expect(named).toMatchObject({ policy: "gsm8k", columns, problems: [{ id: "1", answer: "5" }] });
    const own = await loadDataset({ name: "mine", path, columns: { ...columns, form: "plain" } });
    expect(own).toMatchObject({ policy: "default", problems: [], skipped: [{ id: "1", answer: "so: #### 5" }] });
  });
});
