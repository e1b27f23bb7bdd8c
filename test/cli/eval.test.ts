import { appendFileSync, existsSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeEach, describe, expect, it } from "vitest";
import { openBench, solve, type Bench } from "../eval/support.ts";
import { cli, temporaryFolder, type Ran } from "./support.ts";

let place: (name: string) => string;
let path: string;

const rows = [
  { q: "2*3+4*5", gold: "26", level: 1 },
  { q: "7*8+9*2", gold: "74", level: 2 },
  { q: "6*6+1*1", gold: "38", level: 2 },
];

beforeEach(() => {
  place = temporaryFolder();
  path = place("sums.jsonl");
  writeFileSync(path, rows.map((row) => JSON.stringify(row)).join("\n"));
});

const sums = (): string[] => ["--dataset", "sums", "--path", path, "--columns", "question=q,answer=gold"];
const asked = ["--raw", "--template", "Q: {question}\\n", "--dialect", "threadweaver"];

async function evaluate(bench: Bench, ...args: string[]): Promise<Ran> {
  return cli(["eval", ...sums(), ...asked, "--engine", bench.server.baseURL, ...args], { engine: bench.open });
}

describe("threadweaver eval", () => {
  it("writes a ledger, a summary and two reports, and prints the report", async () => {
    await using bench = await openBench();
    const out = place("out");
    const { code, stdout, stderr } = await evaluate(bench, "--out", out, "--samples", "2", "--seed", "3");
    expect({ code, stderr }).toEqual({ code: 0, stderr: expect.stringContaining("12 samples to make") });
    expect(stderr).toContain("12/12 done");
    expect(stdout).toBe(readFileSync(join(out, "report.md"), "utf8"));
    expect(readFileSync(join(out, "report.html"), "utf8")).toContain("<!doctype html>");
    const summary = JSON.parse(readFileSync(join(out, "summary.json"), "utf8"));
    expect(summary.header).toMatchObject({
      seed: 3,
      protocol: { name: "default, changed", samples: 2, grading: "default" },
    });
    expect(
      summary.arms.map(({ name, accuracy }: { name: string; accuracy: { value: number } }) => [name, accuracy.value]),
    ).toEqual([
      ["sequential", 2 / 3],
      ["fork-join", 2 / 3],
    ]);
    expect(readFileSync(join(out, "samples.jsonl"), "utf8").trim().split("\n")).toHaveLength(13);
  });

  it("goes on with a ledger that is there, and makes the reports again without a model", async () => {
    let isLost = true;
    await using bench = await openBench((prompt) =>
      isLost && prompt.includes("Q: 7*8") ? { text: "", refusal: { status: 400 } } : solve(prompt),
    );
    const out = place("out");
    const first = await evaluate(bench, "--out", out);
    expect(first.code).toBe(1);
    expect(first.stdout).toContain(String.raw`engine\_refused: 1`);
    isLost = false;
    expect((await evaluate(bench, "--out", out)).stderr).toContain("Add --resume");
    const second = await evaluate(bench, "--out", out, "--resume");
    expect(second.stderr).toContain("2 samples to make (4 are there)");
    expect(second.stdout.match(/ 0 \(1 made again\) \|$/gm)).toHaveLength(2);
    const again = await cli(["eval", "report", out]);
    expect(again).toMatchObject({ code: 0, stdout: second.stdout });
  });

  it("writes traces that replay, and names them in the ledger", async () => {
    await using bench = await openBench();
    const out = place("out");
    await evaluate(bench, "--out", out, "--traces", "--no-text", "--limit", "1", "--arms", "fork-join,attempts-2");
    const [, ...lines] = readFileSync(join(out, "samples.jsonl"), "utf8").trim().split("\n");
    const samples = lines.map((line) => JSON.parse(line) as { arm: string; trace: string; text?: string });
    expect(Object.fromEntries(samples.map(({ arm, trace }) => [arm, trace]))).toEqual({
      "attempts-2": "traces/attempts-2/1-0.jsonl",
      "fork-join": "traces/fork-join/1-0.jsonl",
    });
    expect(samples.every(({ text }) => text === undefined)).toBe(true);
    for (const { trace } of samples) expect((await cli(["trace", "replay", join(out, trace)])).code).toBe(0);
  });

  it("says with --dry-run what it would cost, and asks nothing", async () => {
    await using bench = await openBench();
    const before = bench.server.calls.length;
    const arms = ["--arms", "sequential,fork-join,attempts-3,budget"];
    const { code, stdout } = await evaluate(bench, "--dry-run", "--samples", "4", "--token-limit", "100", ...arms);
    expect({ code, stdout }).toEqual({
      code: 0,
      stdout: [
        "3 problems of sums, 4 samples each, by sequential, fork-join, attempts-3, budget: 48 samples.",
        "To generate at most, where a sample has 100 tokens (critical-path):",
        "  sequential: 12 samples, 1200 tokens",
        "  fork-join: 12 samples, 1200 tokens on the critical path, no bound on what is beside it",
        "  attempts-3: 12 samples, 3600 tokens",
        "  budget: 12 samples, 1968 tokens",
        "",
      ].join("\n"),
    });
    expect(bench.server.calls.length).toBe(before);
  });

  it.each([
    ["thread", ["3 samples, 300 tokens", "3 samples, no bound", "3 samples, 600 tokens", "3 samples, no bound"]],
    ["total", ["300 tokens", "300 tokens", "300 tokens", "492 tokens"]],
  ])("says with --dry-run what a limit of each kind bounds: %s", async (kind, bounds) => {
    await using bench = await openBench();
    const limit = ["--token-limit", "100", "--limit-of", kind, "--arms", "one-pass,fork-join,attempts-2,budget"];
    const { stdout } = await evaluate(bench, "--dry-run", ...limit);
    const lines = stdout.trim().split("\n").slice(2);
    expect(lines).toEqual(bounds.map((bound) => expect.stringContaining(bound)));
  });

  it("counts with --dry-run what the run would find in its folder", async () => {
    await using bench = await openBench();
    const out = place("out");
    const limit = ["--token-limit", "100", "--out", out];
    await evaluate(bench, ...limit, "--arms", "sequential");
    const dry = async (...args: string[]): Promise<Ran> =>
      evaluate(bench, ...limit, "--arms", "sequential", "--dry-run", ...args);
    expect((await dry("--resume")).stdout).toContain(": 3 samples, of which 3 are in the ledger.");
    expect((await dry("--resume")).stdout).toContain("sequential: 0 samples, 0 tokens");
    expect((await dry("--overwrite")).stdout).toContain("sequential: 3 samples, 300 tokens");
    expect(await dry()).toMatchObject({
      code: 0,
      stdout: expect.stringContaining("sequential: 3 samples, 300 tokens"),
      stderr: expect.stringContaining("exists. Add --resume"),
    });
    expect(await dry("--resume", "--temperature", "0.5")).toMatchObject({
      code: 2,
      stderr: expect.stringContaining("was made with other settings"),
    });
    truncateSync(join(out, "samples.jsonl"), 30);
    expect((await dry("--resume")).stdout).toContain("sequential: 3 samples, 300 tokens");
  });

  it("refuses a baseline that is no arm before anything is asked", async () => {
    await using bench = await openBench();
    const before = bench.server.calls.length;
    const { code, stderr } = await evaluate(bench, "--out", place("out"), "--baseline", "sequental");
    expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringContaining('baseline is "sequental"') });
    expect(bench.server.calls.length).toBe(before);
    expect(existsSync(place("out"))).toBe(false);
  });

  it("makes the logs for Inspect again from the ledger's folder, or says what is missing", async () => {
    await using bench = await openBench();
    const out = place("out");
    await evaluate(bench, "--out", out, "--inspect");
    const logs = (): string[] =>
      readdirSync(join(out, "inspect")).map((name) => readFileSync(join(out, "inspect", name), "utf8"));
    const before = logs();
    expect((await cli(["eval", "report", out, "--inspect"])).code).toBe(0);
    expect(logs()).toEqual(before);
    appendFileSync(join(out, "problems.jsonl"), '{"id":"9","question":"1*1","answer":"1"}\n');
    const other = await cli(["eval", "report", out, "--inspect"]);
    expect(other.stderr).toContain("does not have the problems of its ledger");
    rmSync(join(out, "problems.jsonl"));
    const { code, stderr } = await cli(["eval", "report", out, "--inspect"]);
    expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringContaining("with --resume: it writes the file") });
    expect(logs()).toEqual(before);
    await evaluate(bench, "--out", out, "--inspect", "--resume");
    expect(logs()).toEqual(before);
  });

  it("counts the tokens of a ledger that it goes on with", async () => {
    await using bench = await openBench();
    const out = place("out");
    await evaluate(bench, "--out", out, "--arms", "sequential");
    const { stderr } = await evaluate(bench, "--out", out, "--arms", "sequential", "--resume");
    const [, ...lines] = readFileSync(join(out, "samples.jsonl"), "utf8").trim().split("\n");
    const generated = lines.reduce((sum, line) => sum + JSON.parse(line).tokens.generated, 0);
    expect(generated).toBeGreaterThan(0);
    expect(stderr).toContain(`${generated} tokens so far`);
  });

  it("sends the key of one server to no other one", async () => {
    await using bench = await openBench();
    const flags = ["--api-key", "mine", "--header", "X-Tenant: a", "--tokenizer", "t", "--context-tokens", "500"];
    const env = { THREADWEAVER_API_KEY_DRAFT_2: "theirs" };
    const others = ["draft-2=http://127.0.0.2:9/v1#m", "plain=http://127.0.0.3:9/v1", `same=${bench.server.baseURL}#n`];
    const args = [...flags, ...others.flatMap((one) => ["--endpoint", one]), "--dry-run"];
    const { code, opened } = await cli(["eval", ...sums(), ...asked, "--engine", bench.server.baseURL, ...args], {
      engine: bench.open,
      env,
    });
    expect(code).toBe(0);
    const own = { tokenizer: undefined, contextTokens: undefined };
    expect(opened).toMatchObject([
      { apiKey: "mine", headers: { "X-Tenant": "a" }, tokenizer: "t", contextTokens: 500 },
      { baseURL: "http://127.0.0.2:9/v1", model: "m", apiKey: "theirs", ...own },
      { baseURL: "http://127.0.0.3:9/v1", apiKey: undefined, ...own },
      { baseURL: bench.server.baseURL, model: "n", apiKey: "mine", headers: { "X-Tenant": "a" }, ...own },
    ]);
    expect(opened.slice(1, 3).every((choice) => !("headers" in choice))).toBe(true);
  });

  it("compares two evaluations, and writes logs for Inspect", async () => {
    await using bench = await openBench();
    await evaluate(bench, "--out", place("a"), "--inspect");
    await evaluate(bench, "--out", place("b"), "--seed", "9", "--arms", "fork-join");
    const { code, stdout } = await cli(["eval", "compare", place("a"), place("b")]);
    expect(code).toBe(0);
    expect(stdout).toContain("| seed | 0 | 9 |");
    const json = await cli(["eval", "compare", place("a"), place("b"), "--json"]);
    expect(JSON.parse(json.stdout)).toMatchObject({
      sameProblems: true,
      arms: { shared: [{ name: "fork-join" }], onlyA: ["sequential"], onlyB: [] },
    });
    const logs = readdirSync(join(place("a"), "inspect"));
    const [name = ""] = logs.filter((one) => one.includes("_sums-fork-join_"));
    expect(logs).toHaveLength(2);
    expect(name).toMatch(/^\d{4}-\d\d-\d\dT\d\d-\d\d-\d\d\S*_sums-fork-join_[0-9a-f]{22}\.json$/);
    const log = JSON.parse(readFileSync(join(place("a"), "inspect", name), "utf8"));
    expect(log).toMatchObject({ version: 2, samples: [{ input: "2*3+4*5", target: "26" }, {}, {}] });
  });

  it("sends control tokens where a raw template means them, and refuses them where nothing is said", async () => {
    await using bench = await openBench();
    const asked = ["--limit", "1", "--arms", "sequential", "--template", "{question}\n<Thread>"];
    const refused = await evaluate(bench, "--out", place("refused"), ...asked);
    expect(refused).toMatchObject({ code: 1, stderr: expect.stringContaining("the prompt holds <Thread>") });
    const { code, stdout } = await evaluate(bench, "--out", place("sent"), ...asked, "--special-in-prompt", "parse");
    expect({ code, stdout }).toEqual({ code: 0, stdout: expect.stringContaining("raw, control strings are tokens") });
    const [header = ""] = readFileSync(join(place("sent"), "samples.jsonl"), "utf8").split("\n");
    expect(JSON.parse(header)).toMatchObject({ protocol: { form: "raw", specialInPrompt: "parse" } });
  });

  it("takes rows by their columns", async () => {
    await using bench = await openBench();
    const { stdout } = await evaluate(bench, "--dry-run", "--filter", "level=2", "--limit", "1");
    expect(stdout).toContain("1 problem of sums");
  });

  it("takes rows with any of several values, commas included", async () => {
    await using bench = await openBench();
    const kinds = ["sums, of products", "others", "none"];
    writeFileSync(path, rows.map((row, i) => JSON.stringify({ ...row, kind: kinds[i] })).join("\n"));
    const filter = (...values: string[]): string[] => values.flatMap((value) => ["--filter", value]);
    const counts = [
      [3, filter("level=1", "level=2")],
      [1, filter("level=1", "level=2", "kind=sums, of products")],
      [2, filter("kind=sums, of products", "kind=others")],
    ] as const;
    for (const [count, args] of counts)
      expect((await evaluate(bench, "--dry-run", ...args)).stdout).toMatch(new RegExp(`^${count} problems? of sums`));
  });

  it.each([
    [["--arms", "sideways"], 'The arm "sideways" cannot be used: there are sequential, one-pass, fork-join'],
    [["--arms", "attempts-3:qorum:2"], "names no policy"],
    [["--arms", "budget"], "The arm budget needs fork-join at the same endpoint"],
    [["--arms", "fork-join@draft"], "is for the endpoint draft: there are default"],
    [["--protocol", "mine"], 'There is no protocol "mine"'],
    [["--grading", "mine"], "grading"],
    [["--template", "no place"], "must contain {question}"],
    [["--filter", "level=9"], "filter leaves no problem with level = 9"],
    [["--system", "be brief"], "is for the form chat only"],
    [["--endpoint", "a=http://127.0.0.1:9/v1", "--endpoint", "a=http://127.0.0.1:8/v1"], "a has two values"],
    [["--columns", "question=gold"], "question has two values"],
  ])("refuses %j: %s", async (args, why) => {
    await using bench = await openBench();
    const { code, stderr } = await evaluate(bench, "--out", place("out"), ...args);
    expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringContaining(why) });
  });

  it("refuses a ledger of other settings, with the difference, and leaves it alone", async () => {
    await using bench = await openBench();
    const out = place("out");
    await evaluate(bench, "--out", out, "--limit", "1");
    const before = readFileSync(join(out, "samples.jsonl"), "utf8");
    const { code, stderr } = await evaluate(bench, "--out", out, "--limit", "1", "--resume", "--temperature", "0.5");
    expect(code).toBe(2);
    expect(stderr).toContain("protocol.sampling.temperature: nothing there, 0.5 now");
    expect(readFileSync(join(out, "samples.jsonl"), "utf8")).toBe(before);
  });
});

describe("threadweaver verify", () => {
  const spread = (text: string): string =>
    /<Thread>\n\d:$/.test(text)
      ? " part</Thread>"
      : text.includes("</Thread>")
        ? "\\boxed{1}"
        : "<Parallel>\n<Outlines>\n<Outline>1: a</Outline>\n<Outline>2: b</Outline>\n</Outlines>";

  it("puts the bundled problems to a model, and gives a table and advice", async () => {
    await using bench = await openBench(spread);
    const server = ["--engine", bench.server.baseURL, "--dialect", "threadweaver"];
    const { code, stdout } = await cli(["verify", "--problems", "6", ...server], { engine: bench.open });
    expect(code).toBe(0);
    expect(stdout).toContain("6 problems, 1 sample each");
    expect(stdout.trim().split("\n").at(-1)).toMatch(/^(Use it|Do not|Cannot be decided)/);
  });

  it("says with --json what follows from which numbers, and keeps them where it is told to", async () => {
    await using bench = await openBench(() => "\\boxed{1}");
    const out = place("kept");
    const server = ["--engine", bench.server.baseURL, "--dialect", "threadweaver", "--out", out, "--json"];
    const { stdout } = await cli(["verify", "--problems", "6", ...server], { engine: bench.open });
    const { advice, summary } = JSON.parse(stdout);
    expect(advice).toEqual({
      verdict: "do not",
      text: expect.stringMatching(/^Do not: .* started no thread in 6 answers/),
    });
    expect(summary).toEqual(JSON.parse(readFileSync(join(out, "summary.json"), "utf8")));
  });
});
