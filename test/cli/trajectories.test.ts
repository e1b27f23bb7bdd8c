import { existsSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { parquetReadObjects } from "hyparquet";
import { describe, expect, it } from "vitest";
import { createEngine } from "../../src/engine/openai.ts";
import { openEndpoint, type ChatEndpoint } from "../trajectories/endpoint.ts";
import { goodAnswer } from "../trajectories/good-endpoint.ts";
import { task } from "../trajectories/tasks.ts";
import { bundledEngine, cli, jsonLines, temporaryFolder } from "./support.ts";

const lines = (...values: readonly unknown[]): string => values.map((value) => `${JSON.stringify(value)}\n`).join("");
const good = () => openEndpoint((prompt) => JSON.stringify(goodAnswer(prompt).items));
const tokenizer = new URL("../../models/hf", import.meta.url).pathname;

/** Rewrites the traces of a file, with an endpoint. A command closes its engine, so each has its own. */
function rewriting(endpoint: ChatEndpoint, file: string, out: string) {
  return async (...more: string[]) => {
    const engine = await createEngine({ baseURL: endpoint.server.baseURL });
    return cli(["trajectories", "rewrite", file, "--out", out, "--min-gain", "0", "--min-balance", "0", ...more], {
      engine,
    });
  };
}

describe("threadweaver trajectories rewrite", () => {
  it("leaves each step in a file, and a data card", async () => {
    const path = temporaryFolder();
    const bad = [
      { id: "none", question: "?", trace: "It is late." },
      { id: "tags", question: "?", trace: "<Parallel> it is \\boxed{1}" },
      { id: "foreign", question: "?", trace: "<guideline> it is \\boxed{1}" },
      { id: "cut", question: "?", trace: "<think>so" },
      { id: "half", question: "?", trace: "so \ud800 it is \\boxed{1}" },
      { ...task(6), id: "wrong", answer: 7 },
    ];
    writeFileSync(path("traces.jsonl"), lines(...Array.from({ length: 5 }, (_, n) => task(n)), ...bad));
    await using endpoint = await good();
    const rewrite = rewriting(endpoint, path("traces.jsonl"), path("out"));
    const ran = await rewrite("--price-input", "1", "--price-output", "10");
    expect(ran).toMatchObject({ code: 0 });
    const of = (name: string) => jsonLines(readFileSync(path(`out/${name}`), "utf8"));
    expect(readdirSync(path("out")).toSorted()).toEqual([
      "alignment.jsonl",
      "answers.jsonl",
      "blocks.jsonl",
      "card.json",
      "card.md",
      "ledger.jsonl",
      "needs.jsonl",
      "set-aside.jsonl",
      "sources.jsonl",
      "steps.jsonl",
      "trajectories.jsonl",
    ]);
    expect(of("set-aside.jsonl").map(({ id, step, code }) => `${String(id)}: ${String(step)} ${String(code)}`)).toEqual(
      [
        "none: trace no-answer",
        "tags: trace format-tags",
        "foreign: trace other-layout",
        "cut: trace unfinished",
        "half: prompt invalid_prompt",
        "wrong: filter answer",
      ],
    );
    expect(of("trajectories.jsonl")).toHaveLength(5);
    expect(of("sources.jsonl")).toHaveLength(11);
    expect(of("steps.jsonl").map(({ id }) => id)).toEqual(of("needs.jsonl").map(({ id }) => id));
    const card = readFileSync(path("out/card.md"), "utf8");
    expect(ran.stdout).toBe(card);
    expect(card).toMatch(/^# 5 texts in threadweaver/);
    expect(card).toContain("5 of 11 sources gave a text (45.5 %)");
    expect(card).toMatch(/\| filter: answer \| 1 \| wrong: The answer is /);
    expect(card).toMatch(/\| all \| \d+ \| \d+ \| \w+ \| \d+ \| 0\.\d{4} \|/);
    const numbers = JSON.parse(readFileSync(path("out/card.json"), "utf8")) as { kept: object };
    expect(numbers.kept).toEqual({ parallel: 5, sequential: 0 });
  });

  it("goes on where a budget stopped it, and asks for nothing twice", async () => {
    const path = temporaryFolder();
    writeFileSync(path("traces.jsonl"), lines(...Array.from({ length: 6 }, (_, n) => task(n))));
    await using endpoint = await good();
    const rewrite = rewriting(endpoint, path("traces.jsonl"), path("out"));
    const stopped = await rewrite("--token-budget", "25000", "--concurrency", "1");
    expect(stopped.code).toBe(1);
    expect(stopped.stderr).toContain("The same command with --resume makes what is missing.");
    expect(stopped.stderr).toContain("The budget of 25000 tokens is spent.");
    const some = jsonLines(readFileSync(path("out/trajectories.jsonl"), "utf8")).length;
    expect(some).toBeGreaterThan(0);
    expect(some).toBeLessThan(6);
    expect((await rewrite()).stderr).toContain("Add --resume to go on with it");
    expect(await rewrite("--resume", "--temperature", "0.5")).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('sampling: {} there, {"temperature":0.5} now') as string,
    });
    expect(await rewrite("--resume")).toMatchObject({ code: 0 });
    expect(jsonLines(readFileSync(path("out/trajectories.jsonl"), "utf8"))).toHaveLength(6);
    expect(endpoint.prompts.filter((one, n) => endpoint.prompts.indexOf(one) < n)).toEqual([]);
  });

  it("sets aside by name what is longer than the context of the model", async () => {
    const path = temporaryFolder();
    const long = { ...task(2), trace: `${"So it goes on. ".repeat(3000)}\n${task(2).trace}` };
    writeFileSync(path("traces.jsonl"), lines(task(1), { ...long, id: "long" }));
    await using endpoint = await openEndpoint((prompt) => JSON.stringify(goodAnswer(prompt).items), {
      contextTokens: 20_000,
    });
    expect(await rewriting(endpoint, path("traces.jsonl"), path("out"))()).toMatchObject({ code: 0 });
    const [aside, ...others] = jsonLines(readFileSync(path("out/set-aside.jsonl"), "utf8"));
    expect(others).toEqual([]);
    expect(aside).toMatchObject({ id: "long", step: "prompt", code: "context_exceeded" });
  });

  it("says what there is to do without a model, and leaves no folder", async () => {
    const path = temporaryFolder();
    writeFileSync(path("traces.jsonl"), lines(task(1), task(2), { question: "?", trace: "It is late." }));
    const args = ["trajectories", "rewrite", path("traces.jsonl"), "--out", path("out"), "--dry-run"];
    const { code, stdout, opened } = await cli(args);
    expect({ code, opened }).toEqual({ code: 0, opened: [] });
    expect(stdout).toMatch(/^3 traces, of which 2 can be read\. The others are set aside: 1 no-answer\.\n/);
    expect(existsSync(path("out"))).toBe(false);
  });

  it("reads chats, and columns by their names; a row without a trace is named with its place", async () => {
    const path = temporaryFolder();
    const { question, trace } = task(1);
    const messages = [
      { role: "user", content: question },
      { role: "assistant", content: trace },
    ];
    writeFileSync(path("a.jsonl"), lines({ messages }));
    writeFileSync(path("b.jsonl"), lines({ q: question, t: trace }));
    await using endpoint = await good();
    const ran = await rewriting(endpoint, path("a.jsonl"), path("a"))();
    expect(ran.stdout).toMatch(/^# 1 texts in threadweaver/);
    const named = await rewriting(endpoint, path("b.jsonl"), path("b"))("--columns", "question=q,trace=t");
    expect(named.stdout).toMatch(/^# 1 texts/);
    expect((await cli(["trajectories", "rewrite", path("b.jsonl"), "--dry-run"])).stderr).toContain(
      "b.jsonl, line 1, has no question; it has q, t. Say which columns hold them: --columns question=COLUMN,trace=COLUMN.",
    );
  });

  it.each(["threadweaver-conclusion", "npr", "multiverse"])("writes %s, with summaries", async (format) => {
    const path = temporaryFolder();
    writeFileSync(path("traces.jsonl"), lines(task(2), task(3)));
    await using endpoint = await good();
    const ran = await rewriting(endpoint, path("traces.jsonl"), path("out"))("--to", format);
    expect(ran.stdout).toContain(`# 2 texts in ${format}`);
    const [first] = jsonLines(readFileSync(path("out/trajectories.jsonl"), "utf8"));
    expect(first?.["text"]).toMatch(/x\d+ is known\./);
  });
});

describe("threadweaver trajectories sample", async () => {
  const engine = await bundledEngine();
  const columns = ["--columns", "question=q,answer=a", "--raw", "--template", "Q: {question}\\n"];
  const problems = lines({ q: "64*27+14*89", a: 2974 }, { q: "12*34+56*78", a: 4776 }, { q: "11*11+22*22", a: 1 });

  it("keeps the first right text of a problem, with its run for training units", async () => {
    const path = temporaryFolder();
    writeFileSync(path("p.jsonl"), problems);
    const args = ["trajectories", "sample", "--dataset", "sums", "--path", path("p.jsonl"), ...columns];
    const ran = await cli([...args, "--temperature", "0", "--tries", "2", "--out", path("out")], { engine });
    expect(ran).toMatchObject({ code: 0 });
    const texts = jsonLines(readFileSync(path("out/trajectories.jsonl"), "utf8"));
    expect(texts).toMatchObject([
      { id: "1", sample: 0, kind: "parallel", prompt: "Q: 64*27+14*89\n", answer: "2974" },
      { id: "2", sample: 0, kind: "parallel", prompt: "Q: 12*34+56*78\n", answer: "4776" },
    ]);
    const aside = jsonLines(readFileSync(path("out/set-aside.jsonl"), "utf8"));
    expect(aside.map(({ id, sample, code }) => [id, sample, code])).toEqual([
      ["3", 0, "answer"],
      ["3", 1, "answer"],
    ]);
    const checked = await cli(["data", "check", path("out/rollouts.jsonl"), "--no-ratio", "--json"]);
    expect(jsonLines(checked.stdout)).toMatchObject([{ calls: 4 }, { calls: 4 }]);
    // The text gives the same units as the run, token for token.
    const units = async (...file: string[]) =>
      jsonLines((await cli(["data", "units", ...file])).stdout).map(({ responseIds }) => responseIds);
    const asTexts = [path("out/trajectories.jsonl"), "--dialect", "threadweaver", "--tokenizer", tokenizer];
    expect(await units(...asTexts)).toEqual(await units(path("out/rollouts.jsonl")));
  });

  it("sends control tokens where a raw template means them, and sets the problem aside where nothing is said", async () => {
    const path = temporaryFolder();
    writeFileSync(path("p.jsonl"), lines({ q: "2*3+4*5", a: 26 }));
    const args = ["trajectories", "sample", "--dataset", "sums", "--path", path("p.jsonl"), ...columns];
    const asked = [...args, "--template", "{question}\n<Thread>", "--tries", "1", "--max-tokens", "4", "--out"];
    const aside = async (out: string, ...more: string[]) => {
      expect((await cli([...asked, path(out), ...more], { engine })).code).toBe(0);
      return jsonLines(readFileSync(path(`${out}/set-aside.jsonl`), "utf8"));
    };
    const message = expect.stringContaining("the prompt holds <Thread>") as string;
    expect(await aside("refused")).toMatchObject([{ step: "prompt", code: "invalid_prompt", message }]);
    expect(await aside("sent", "--special-in-prompt", "parse")).not.toMatchObject([{ step: "prompt" }]);
  });

  it("shows a text, and writes chats", async () => {
    const path = temporaryFolder();
    writeFileSync(path("p.jsonl"), problems);
    const args = ["trajectories", "sample", "--dataset", "sums", "--path", path("p.jsonl"), ...columns];
    await cli([...args, "--temperature", "0", "--tries", "1", "--out", path("out")], { engine });
    const shown = await cli(["trajectories", "view", path("out"), "--id", "2"]);
    expect(shown.stdout).toMatch(/^2: 1 block, 2 threads, .* answer 4776\n\n<think>\n/);
    expect((await cli(["trajectories", "view", path("out"), "--id", "3"])).stderr).toContain(
      "has no text with the id 3. What was not kept stands in set-aside.jsonl.",
    );
    await cli(["trajectories", "export", path("out"), "--output", path("chats.jsonl")]);
    const chats = jsonLines(readFileSync(path("chats.jsonl"), "utf8"));
    expect(chats[0]).toMatchObject({
      id: "1/0",
      messages: [
        { role: "user", content: "64*27+14*89" },
        { role: "assistant", content: expect.stringContaining("<Parallel>") as string },
      ],
    });
    await cli(["trajectories", "export", path("out"), "--output", path("chats.parquet")]);
    const { buffer } = Uint8Array.from(readFileSync(path("chats.parquet")));
    expect(await parquetReadObjects({ file: buffer })).toEqual(chats);
  });

  it.each([
    [
      ["sample", "--dataset", "bundled", "--dialect", "asyncthink", "--out", "x"],
      /Finished texts of asyncthink cannot be told in threadweaver\. Choose skeleton or threadweaver-prompted/,
    ],
    [["sample", "--out", "x"], /Give --dataset/],
    [["rewrite"], /needs a file with sequential traces/],
    [["rewrit"], /trajectories has rewrite, sample, view, export, but no rewrit\. Did you mean rewrite\?/],
    [[], /needs to be told what to do: rewrite, sample, view, export\./],
    [["view"], /needs the folder/],
    [["view", "nowhere"], /nowhere cannot be read: there is no such file or folder/],
  ])("refuses %j", async (args, message) => {
    const { code, stderr } = await cli(["trajectories", ...args], { engine });
    expect(code).toBe(2);
    expect(stderr).toMatch(message);
  });
});

it("shows a rewritten text beside its source, line by line", async () => {
  const path = temporaryFolder();
  writeFileSync(path("traces.jsonl"), lines(task(0), task(4), task(8)));
  await using endpoint = await good();
  await rewriting(endpoint, path("traces.jsonl"), path("out"))();
  const { stdout } = await cli(["trajectories", "view", path("out"), "--id", "task 4"]);
  const cells = stdout
    .split("\n")
    .slice(2)
    .map((line) => line.split(" │ "));
  const numbers = cells.flatMap(([left = ""]) => /^[ ~-] +(\d+) /.exec(left)?.[1] ?? []).map(Number);
  expect(numbers).toEqual(
    task(4)
      .trace.split("\n")
      .map((_, i) => i + 1),
  );
  for (const [left = "", right = ""] of cells) {
    const [, mark, text] = /^([ ~-]) +\d+ (.*?) *$/.exec(left) ?? [];
    if (mark === " " && right !== "") expect(right).toContain(text?.slice(0, 20));
  }
});
