import { existsSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { parquetReadObjects } from "hyparquet";
import { beforeAll, describe, expect, it } from "vitest";
import type { Engine } from "../../src/engine/engine.ts";
import type { FlatTrieRow } from "../../src/train/flat/json.ts";
import type { TrainingRow } from "../../src/train/rows/row.ts";
import { transcripts } from "../core/transcripts.ts";
import { bundledEngine, cli, jsonLines, prompt, temporaryFolder } from "./support.ts";

const lines = (...values: readonly unknown[]): string => values.map((value) => `${JSON.stringify(value)}\n`).join("");
const model = new URL("../../models/hf", import.meta.url).pathname;
const asTexts = ["--dialect", "threadweaver", "--tokenizer", model];

describe("threadweaver data", () => {
  let engine: Engine;
  let result: string;
  beforeAll(async () => {
    engine = await bundledEngine();
    const ran = await cli(["run", prompt, "--json", "--tree", "--temperature", "0"], { engine });
    result = ran.stdout;
  });

  it("gives each sampled token of a result once, and the same of a trace", async () => {
    const path = temporaryFolder();
    writeFileSync(path("results.jsonl"), result);
    await cli(["run", prompt, "--temperature", "0", "--trace", path("t.jsonl")], { engine });
    const ofResult = jsonLines((await cli(["data", "units", path("results.jsonl"), "--json"])).stdout);
    const ofTrace = jsonLines((await cli(["data", "units", path("t.jsonl")])).stdout);
    const bare = (units: Record<string, unknown>[]) => units.map(({ id: _id, ...unit }) => unit);
    expect(bare(ofResult)).toEqual(bare(ofTrace));
    const { tokens } = JSON.parse(result) as { tokens: { generated: number } };
    expect(ofResult.flatMap((unit) => unit["responseIds"] as number[])).toHaveLength(tokens.generated);
  });

  it("exports rows, whole or not at all, and the same as parquet", async () => {
    const path = temporaryFolder();
    writeFileSync(path("results.jsonl"), result);
    const base = ["data", "export", path("results.jsonl"), "--no-ratio"];
    expect(await cli([...base, "--output", path("rows.jsonl")])).toMatchObject({ code: 0, stdout: "", stderr: "" });
    const rows = jsonLines(readFileSync(path("rows.jsonl"), "utf8"));
    expect(rows.map((row) => row["thread_path"])).toEqual(["0", "0/1.1", "0/1.2", "0"]);
    expect(await cli([...base, "--output", path("rows.parquet")])).toMatchObject({ code: 0 });
    const { buffer } = Uint8Array.from(readFileSync(path("rows.parquet")));
    const read = await parquetReadObjects({ file: buffer });
    expect(read).toEqual(rows.map((row) => ({ ...row, sampling: row["sampling"] && JSON.stringify(row["sampling"]) })));
    expect(await cli([...base, "--output", path("rows.jsonl")])).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/rows\.jsonl exists\. Add --overwrite/) as string,
    });
    const refused = await cli(["data", "export", path("results.jsonl"), "--output", path("x.jsonl")]);
    expect(refused.stderr).toMatch(/results\.jsonl:1: call 0 of thread 0 cannot be trained on by ratio/);
    expect(readdirSync(dirname(path("x"))).toSorted()).toEqual(["results.jsonl", "rows.jsonl", "rows.parquet"]);
  });

  it("reads finished texts after a chat, whose typed control strings stay text", async () => {
    const path = temporaryFolder();
    const { text } = JSON.parse(result) as { text: string };
    const asked = (content: string) => ({ id: content, text, messages: [{ role: "user", content }] });
    writeFileSync(path("texts.jsonl"), lines(asked("Q: 64*27+14*89"), asked("Q: <Thread>")));
    const units = jsonLines((await cli(["data", "units", path("texts.jsonl"), ...asTexts])).stdout);
    const [plain, typed] = ["Q: 64*27+14*89", "Q: <Thread>"].map((name) => units.filter(({ id }) => id === name));
    expect(plain).toHaveLength(4);
    const given = typed?.[0]?.["promptIds"] as number[];
    expect(given.filter((id) => id === 267)).toEqual([]);
    expect(given.length).toBeGreaterThan("Q: <Thread>".length);
  });

  it("exports the other formats", async () => {
    const path = temporaryFolder();
    writeFileSync(path("r.jsonl"), result);
    const made = async (...more: string[]) =>
      jsonLines((await cli(["data", "export", path("r.jsonl"), "--no-ratio", ...more])).stdout);
    const rows = (await made()) as unknown as TrainingRow[];
    const sft = await made("--format", "sft");
    expect(sft[0]).toMatchObject({ input_ids: [...rows[0]!.prompt_ids, ...rows[0]!.response_ids] });
    const [trie] = (await made("--format", "trie")) as unknown as FlatTrieRow[];
    const [spliced] = (await made("--format", "trie", "--layout", "spliced")) as unknown as FlatTrieRow[];
    expect(trie?.target).toEqual(rows.flatMap(({ response_ids }) => response_ids));
    expect(spliced!.ids.length).toBeGreaterThan(trie!.ids.length);
    expect(await made("--format", "verifiers")).toMatchObject([{ version: 1, id: "1" }]);
    const parquet = await cli(["data", "export", path("r.jsonl"), "--format", "trie", "--output", path("x.parquet")]);
    expect(parquet).toMatchObject({ code: 2, stderr: expect.stringMatching(/trie has no columns/) as string });
  });

  it("reads finished texts, says what of them is refused and where, and goes on without it if it may", async () => {
    const path = temporaryFolder();
    const texts = transcripts.slice(0, 3).map(({ prompt: before, text }, i) => {
      return { id: `p${i}`, prompt: before, text: text.slice(before.length, -"</s>".length) };
    });
    const broken = { ...texts[1], id: "cut", text: texts[1]?.text.slice(0, 200) };
    writeFileSync(path("texts.jsonl"), `${lines(texts[0], broken)}{\n\n${lines(texts[2], { id: 9 }, { text: "x" })}`);
    const checked = await cli(["data", "check", path("texts.jsonl"), ...asTexts, "--no-ratio"]);
    expect(checked.code).toBe(1);
    expect(checked.stdout.split("\n").map((line) => line.replace(dirname(path("x")), "…"))).toEqual([
      expect.stringMatching(/^ok {6}p0: 4 calls, \d+ targets$/),
      expect.stringMatching(/^refused cut \(…\/texts\.jsonl:2\): line \d+, column \d+ of the text: /),
      expect.stringMatching(/^refused 3 \(…\/texts\.jsonl:3\): it is not JSON/),
      expect.stringMatching(/^ok {6}p2: /),
      expect.stringMatching(/^refused 9 .*: expected an object: a result with its tree, or/),
      expect.stringMatching(/^refused 7 .*neither prompt, prompt_ids nor messages/),
      "",
    ]);
    const exportIt = [
      "data",
      "export",
      path("texts.jsonl"),
      ...asTexts,
      "--format",
      "sft",
      "--output",
      path("sft.jsonl"),
    ];
    expect(await cli(exportIt)).toMatchObject({
      code: 2,
      stderr: expect.stringContaining("texts.jsonl:2: line") as string,
    });
    expect(existsSync(path("sft.jsonl"))).toBe(false);
    const skipped = await cli([...exportIt, "--skip"]);
    expect(skipped).toMatchObject({ code: 0, stderr: expect.stringMatching(/4 refused ones left out/) as string });
    expect(jsonLines(readFileSync(path("sft.jsonl"), "utf8"))).toHaveLength(10);
    const without = await cli(["data", "check", path("texts.jsonl"), "--json"]);
    expect(jsonLines(without.stdout)[0]).toMatchObject({ why: expect.stringContaining("--tokenizer") as string });
  });

  it("judges rollouts by answers, compares those of one problem, and says what that comes to", async () => {
    const path = temporaryFolder();
    const good = JSON.parse(result) as Record<string, unknown>;
    const wrong = { ...good, content: "\\boxed{1}" };
    writeFileSync(path("r.jsonl"), lines({ id: "a", sample: 0, ...good }, { id: "a", sample: 1, ...wrong }));
    writeFileSync(path("gold.jsonl"), lines({ id: "a", answer: 2974 }));
    const args = [path("r.jsonl"), "--answers", path("gold.jsonl")];
    const rows = jsonLines((await cli(["data", "export", ...args, "--no-ratio"])).stdout);
    const { tokens } = good as { tokens: { criticalPath: number; generated: number } };
    const reward = 1 + 0.5 * Math.min(0.2, 1 - tokens.criticalPath / tokens.generated);
    expect(rows[0]).toMatchObject({ rollout_id: "a/0", group_id: "a", reward, advantage: reward - (reward - 1) / 2 });
    expect(rows[4]).toMatchObject({ rollout_id: "a/1", reward: -1, path_tokens: tokens.criticalPath });
    const stats = await cli(["data", "stats", ...args]);
    expect(stats.stdout).toMatch(/^trajectories +2, 0 refused$/m);
    expect(stats.stdout).toMatch(/^right +1 of 2, mean reward 0\.0500$/m);
    expect(stats.stdout).toMatch(/^problems +1, 0 with equal rewards/m);
    writeFileSync(path("gold.jsonl"), lines({ id: "b", answer: 1 }));
    expect((await cli(["data", "stats", ...args])).stderr).toMatch(/r\.jsonl:1: there is no answer of problem "a"/);
    writeFileSync(path("gold.jsonl"), lines({ id: "b" }));
    expect((await cli(["data", "stats", ...args])).stderr).toMatch(/gold\.jsonl:1 is no answer\. Each line is/);
  });

  it("shows who wrote what, and what of it is trained", async () => {
    const path = temporaryFolder();
    writeFileSync(path("r.jsonl"), result);
    const { stdout } = await cli(["data", "show", path("r.jsonl")]);
    expect(stdout).toMatch(/^1: 365 targets of \d+ tokens\nthread  written by +trained +text\n/);
    expect(stdout).toMatch(/^0\/1\.2 +call 2 +116\/116 /m);
    expect(stdout).toMatch(/^0 +copy of 0\/1\.2 +0\/116/m);
    expect(stdout).toMatch(/^0\/1\.1 +header +0\/\d+ +⏎<Thread>⏎1:$/m);
    expect(await cli(["data", "show", path("r.jsonl"), "--id", "x"])).toMatchObject({ code: 2 });
    const { parts } = JSON.parse((await cli(["data", "show", path("r.jsonl"), "--json"])).stdout) as {
      parts: { trained: number }[];
    };
    expect(parts.reduce((sum, { trained }) => sum + trained, 0)).toBe(365);
  });

  it("explains what it was not told", async () => {
    expect((await cli(["data"])).stderr).toMatch(/needs to be told what to do: units, export, stats, check, show/);
    expect((await cli(["data", "exprot", "x"])).stderr).toMatch(/no exprot\. Did you mean export\?/);
    expect((await cli(["data", "stats"])).stderr).toMatch(/data stats needs a file/);
    expect((await cli(["data", "stats", "/nowhere.jsonl"])).stderr).toMatch(
      /nowhere\.jsonl cannot be read: there is no such/,
    );
    const path = temporaryFolder();
    writeFileSync(path("results.jsonl"), result);
    const lost = await cli(["data", "stats", path("results.jsonl"), "--answers", "/nowhere.jsonl"]);
    expect(lost.stderr).toMatch(/nowhere\.jsonl cannot be read: there is no such/);
  });
});
