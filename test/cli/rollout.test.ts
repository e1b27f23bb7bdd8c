import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { beforeAll, describe, expect, it } from "vitest";
import type { Engine } from "../../src/engine/engine.ts";
import type { TrainingRow } from "../../src/train/rows/row.ts";
import { createEngine } from "../../src/engine/openai.ts";
import { startFakeServer } from "../../src/testing/index.ts";
import { bundledEngine, cli, interruptedAt, jsonLines, prompt, temporaryFolder } from "./support.ts";

const problems = [
  { id: "right", prompt, answer: "2974" },
  { id: 2, prompt: "Q: 33*21+47*52\n", answer: 3137 },
];
const lines = (...values: readonly unknown[]): string => values.map((value) => `${JSON.stringify(value)}\n`).join("");

describe("threadweaver rollout", () => {
  let engine: Engine;
  beforeAll(async () => {
    engine = await bundledEngine();
  });

  it("gives a real model's rollouts as rows, and the same rows after it was interrupted", async () => {
    const path = temporaryFolder();
    writeFileSync(path("p.jsonl"), lines(...problems));
    const base = ["rollout", "--input", path("p.jsonl"), "--group", "2", "--seed", "5", "--weight-version", "w1"];
    const whole = await cli([...base, "--out", path("whole"), "--json", "--tries"], { engine });
    expect(whole.code).toBe(0);
    expect(JSON.parse(whole.stdout)).toMatchObject({ rollouts: 4, groups: 2, incomplete: 0, used: 4 });
    const rows = jsonLines(readFileSync(path("whole/rows.jsonl"), "utf8")) as unknown as TrainingRow[];
    expect(rows.map((row) => row.group_id).toSorted()).toEqual([...Array(8).fill("2"), ...Array(8).fill("right")]);
    for (const row of rows) {
      expect(row).toMatchObject({ weight_version: "w1", sampling_by: "run" });
      expect(row.response_logprobs).toHaveLength(row.response_ids.length);
      expect(row.sampling).toMatchObject({ temperature: 1, top_p: 1, top_k: 0, min_p: 0, repetition_penalty: 1 });
    }
    const interrupted = interruptedAt(" 64*27\n", engine);
    const first = await cli([...base, "--out", path("parts"), "--concurrency", "1"], interrupted);
    expect(first).toMatchObject({ code: 130, stderr: expect.stringContaining("--resume") as string });
    const second = await cli([...base, "--out", path("parts"), "--resume", "--concurrency", "1"], { engine });
    expect(second.stdout).toMatch(/^rollouts +4, /);
    const again = jsonLines(readFileSync(path("parts/rows.jsonl"), "utf8")) as unknown as TrainingRow[];
    const bare = (some: readonly TrainingRow[]) =>
      some.map(({ rollout_id, call_id, response_ids, advantage }) => ({
        rollout_id,
        call_id,
        response_ids,
        advantage,
      }));
    expect(bare(again)).toEqual(expect.arrayContaining(bare(rows)));
    expect(again).toHaveLength(rows.length);
    expect((await cli(["data", "check", path("parts/rollouts.jsonl")])).stdout).toMatch(/^(ok .*\n){4}$/);
  });

  it("leaves no tries of an earlier command beside rows that are not theirs", async () => {
    const path = temporaryFolder();
    writeFileSync(path("p.jsonl"), lines({ id: "a", prompt, answer: "2974" }));
    const args = ["rollout", "--input", path("p.jsonl"), "--group", "2", "--max-tokens", "8", "--out", path("out")];
    await cli([...args, "--tries"], { engine });
    expect(existsSync(path("out/tries.jsonl"))).toBe(true);
    await cli([...args, "--overwrite"], { engine });
    expect([existsSync(path("out/rows.jsonl")), existsSync(path("out/tries.jsonl"))]).toEqual([true, false]);
  });

  it("refuses a line that is sampled in another way, and two lines whose rollouts could not be told apart", async () => {
    const path = temporaryFolder();
    const body = { prompt: "Q", temperature: 0.6 };
    const cases = [
      [{ custom_id: "a", answer: "1", body }, /p\.jsonl:1: it says temperature 0\.6, and rollouts are sampled at temp/],
      [{ custom_id: "a", answer: "1", body: { prompt: "Q", temperature: 1, max_tokens: 1 } }, /rollouts +2, /],
      [
        lines({ id: 1, prompt: "Q", answer: "1" }, { id: "1", prompt: "R", answer: "2" }),
        /:2: it has the id of line 1, 1/,
      ],
      [lines({ id: "2", prompt: "Q", answer: "1" }, { prompt: "R", answer: "2" }), /:2: it has the id of line 1, 2/],
    ] as const;
    for (const [given, said] of cases) {
      writeFileSync(path("p.jsonl"), typeof given === "string" ? given : lines(given));
      // oxlint-disable-next-line no-await-in-loop -- one file for all
      const { stdout, stderr } = await cli(
        ["rollout", "--input", path("p.jsonl"), "--group", "2", "--out", path("out"), "--overwrite"],
        { engine },
      );
      expect(stdout + stderr).toMatch(said);
    }
  });

  it("does not go on with problems whose options are others now", async () => {
    const path = temporaryFolder();
    const line = (max: number) => lines({ custom_id: "a", answer: "1", body: { prompt: "Q", max_tokens: max } });
    const args = ["rollout", "--input", path("p.jsonl"), "--group", "2", "--out", path("out")];
    writeFileSync(path("p.jsonl"), line(1));
    await cli(args, { engine });
    writeFileSync(path("p.jsonl"), line(2));
    expect((await cli([...args, "--resume"], { engine })).stderr).toMatch(/problems/);
  });

  it("ends where the server names other weights than it was given, and keeps the rollouts", async () => {
    const path = temporaryFolder();
    writeFileSync(path("p.jsonl"), lines({ id: "a", prompt: "Q", answer: "1" }));
    await using server = await startFakeServer({ kind: "sglang", model: () => "\\boxed{1}" });
    await using served = await createEngine({ baseURL: server.baseURL });
    const args = [
      "rollout",
      "--input",
      path("p.jsonl"),
      "--group",
      "2",
      "--out",
      path("out"),
      "--engine",
      server.baseURL,
    ];
    const { code, stderr } = await cli([...args, "--weight-version", "step-3"], { engine: served });
    expect(code).toBe(1);
    expect(stderr).toMatch(
      /rollouts\.jsonl:2: Rollout a\/\d was sampled with the weights default, and step-3 were meant/,
    );
  });

  it("sends control tokens where a prompt means them, and refuses them where nothing is said", async () => {
    const path = temporaryFolder();
    writeFileSync(path("p.jsonl"), lines({ id: "a", prompt: "Q: 2*3\n<Thread>", answer: 6 }));
    const args = ["rollout", "--input", path("p.jsonl"), "--group", "2", "--max-tokens", "4", "--out"];
    const refused = await cli([...args, path("refused")], { engine });
    expect(refused).toMatchObject({ code: 1, stderr: expect.stringContaining("the prompt holds <Thread>") });
    const sent = await cli([...args, path("sent"), "--special-in-prompt", "parse"], { engine });
    expect(sent.code).toBe(0);
    const [row] = jsonLines(readFileSync(path("sent/rows.jsonl"), "utf8")) as unknown as TrainingRow[];
    const ids = await engine.tokenizer?.encode("Q: 2*3\n<Thread>", { controls: "parse" });
    expect(row?.prompt_ids.slice(-8)).toEqual(ids);
  });

  it.each([
    ['{"id": "a", "prompt": "Q"}\n', /p\.jsonl:1: it has no answer/],
    ['{"id": "a", "prompt": "Q", "answer": "1"}\n{"id": "b"}\n', /p\.jsonl:2: a line has a prompt/],
    ['{"id": "a", "prompt": "Q", "answer": "1"}\n{"id": "a", "prompt": "R", "answer": "1"}\n', /:2: the same id "a"/],
    ["\n", /p\.jsonl holds no problems/],
  ])("refuses the problems %j", async (text, why) => {
    const path = temporaryFolder();
    writeFileSync(path("p.jsonl"), text);
    const { code, stderr } = await cli(["rollout", "--input", path("p.jsonl"), "--out", path("out")]);
    expect(code).toBe(2);
    expect(stderr).toMatch(why);
  });
});
