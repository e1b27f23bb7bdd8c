import { readFileSync, statSync, writeFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { threadweaver } from "../../src/core/dialects/bundled/index.ts";
import { dialectData } from "../../src/core/dialects/dialect.ts";
import type { RunResult } from "../../src/run/result.ts";
import { scriptedEngine, type Script } from "../run/scripted-engine.ts";
import { continuingModel } from "../trace/continuing.ts";
import { tear } from "../trace/support.ts";
import { cli, interruptedAt, jsonLines, temporaryFolder } from "./support.ts";

const model = continuingModel("Q", [" odd: 7.\n", " even: 5.\n"]);
const answer = (context: string): Script => ({ text: model(context) });
const run = (path: string) => ["run", "Q", "--model", "own.gguf", "--trace", path];

/** A trace of a whole run, and what the run printed. */
async function traced(...flags: string[]) {
  const path = temporaryFolder()("trace.jsonl");
  const { stdout } = await cli([...run(path), "--json", ...flags], { engine: scriptedEngine(answer) });
  return { path, result: JSON.parse(stdout) as RunResult };
}

describe("threadweaver trace replay", () => {
  it("says what the run was, and proves that it is the same", async () => {
    const { path, result } = await traced("--seed", "3");
    const { code, stdout, stderr } = await cli(["trace", "replay", path]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(stdout).toMatch(
      new RegExp(
        String.raw`^threadweaver on script, seed 3: \d+ inputs, \d+ events\n` +
          String.raw`ended by end of sequence, 2 threads, ${result.tokens.generated} tokens, .*\n` +
          String.raw`Proven: the result is the recorded one, to the last byte\.\n$`,
      ),
    );
  });

  it("gives every event as JSON, and nothing else on stdout", async () => {
    const { path, result } = await traced();
    const { code, stdout, stderr } = await cli(["trace", "replay", path, "--json"]);
    expect({ code, stderr }).toEqual({
      code: 0,
      stderr: "Proven: the result is the recorded one, to the last byte.\n",
    });
    const events = jsonLines(stdout);
    expect(events[0]).toMatchObject({ type: "run-start", version: 1, at: expect.any(Number) });
    expect(events.at(-1)).toEqual({ type: "run-end", at: result.wallMs, result });
  });

  it("exits with 1 where the file was changed, and says in what the results differ", async () => {
    const { path } = await traced();
    writeFileSync(path, readFileSync(path, "utf8").replace('"texts":["7"]', '"texts":["8"]'));
    const { code, stdout } = await cli(["trace", "replay", path]);
    expect(code).toBe(1);
    expect(stdout).toMatch(/\nThe result differs from the recorded one: its text is another one\.\n$/);
  });

  it("proves nothing of a run that was killed, and says how to go on", async () => {
    const { path } = await traced();
    tear(path, 5);
    const { code, stdout } = await cli(["trace", "replay", path]);
    expect(code).toBe(0);
    expect(stdout).toMatch(
      /\nNot proven: .* threadweaver resume goes on with it\.\nThe last line was not whole, and is left out\.\n$/,
    );
  });

  it("takes a dialect from a file", async () => {
    const { path } = await traced();
    const dialect = temporaryFolder()("mine.json");
    writeFileSync(dialect, JSON.stringify({ ...dialectData(threadweaver), summary: "Another one." }));
    const { code, stderr } = await cli(["trace", "replay", path, "--dialect", dialect]);
    expect({ code, stderr }).toEqual({
      code: 2,
      stderr: expect.stringContaining("another version of the dialect threadweaver") as string,
    });
  });

  it.each([
    ["nothing to do", [], "trace needs to be told what to do: replay, show, view."],
    ["something else to do", ["relpay", "x"], "trace has replay, show, view, but no relpay. Did you mean replay?"],
    ["no file", ["replay"], "trace replay needs the file that --trace wrote."],
    [
      "a file that is not there",
      ["replay", "/none/t.jsonl"],
      "/none/t.jsonl cannot be read: there is no such file or folder.",
    ],
  ])("given %s says so in one paragraph", async (_, args, message) => {
    const { code, stdout, stderr } = await cli(["trace", ...args]);
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toMatch(/^threadweaver: [^\n]*\n$/);
    expect(stderr).toContain(message);
  });
});

describe("a trace without text", () => {
  it("holds no texts, and can be neither replayed nor resumed", async () => {
    const { path, result } = await traced("--no-text");
    const text = readFileSync(path, "utf8");
    expect(text.slice(text.indexOf("\n"))).not.toMatch(/odd|even|"texts"|"ids"/);
    expect(text).toContain(`"generated":${result.tokens.generated}`);
    for (const [args, what] of [
      [["trace", "replay", path], "replayed"],
      [["resume", path], "resumed"],
    ] as const) {
      const { code, stderr } = await cli(args);
      expect({ code, stderr }).toEqual({
        code: 2,
        stderr: `threadweaver: The run in ${path} cannot be ${what}, because it was written without text. Only a trace that holds everything can be.\n`,
      });
    }
  });
});

describe("threadweaver resume", () => {
  const engineFlags = ["--engine", "http://127.0.0.1:8000/v1", "--model", "own", "--api-key", "given"];

  it("goes on with a run that Ctrl-C interrupted, which said how", async () => {
    const { result } = await traced();
    const path = temporaryFolder()("a trace.jsonl");
    const args = ["run", "Q", "--trace", path, ...engineFlags];
    const broken = await cli(args, interruptedAt(" even", scriptedEngine(answer)));
    expect(broken.code).toBe(130);
    expect(broken.stderr).toMatch(
      new RegExp(
        String.raw`\nGo on with it: threadweaver resume '${path}' --engine http://127\.0\.0\.1:8000/v1 --model own\n$`,
      ),
    );
    const engine = scriptedEngine(answer);
    const { code, stdout, stderr, opened } = await cli(["resume", path, ...engineFlags], { engine });
    expect({ code, stdout }).toEqual({ code: 0, stdout: `${result.text}\n` });
    expect(stderr).toMatch(/\nended by end of sequence, 2 threads, /);
    expect(opened).toMatchObject([{ kind: "server", model: "own", apiKey: "given", controls: threadweaver.markers }]);
    expect(await cli(["trace", "replay", path])).toMatchObject({ code: 0, stdout: expect.stringContaining("Proven") });
    expect(statSync(path).mode & 0o777).toBe(0o600);
  });

  it("goes on with a run whose engine was lost, which said how", async () => {
    const { result } = await traced();
    const path = temporaryFolder()("trace.jsonl");
    const lost = scriptedEngine((context) =>
      context.endsWith(":") ? { text: " o", after: "break" } : answer(context),
    );
    const broken = await cli([...run(path), "--json"], { engine: lost });
    // A thread that is lost ends no run of this dialect; main's own calls do.
    expect(broken.code).toBe(0);
    const failing = scriptedEngine(() => ({ text: "Split", after: "break" }));
    const failed = await cli([...run(path), "--overwrite", "--json"], { engine: failing });
    expect(failed).toMatchObject({ code: 1, stdout: "" });
    expect(failed.stderr).toMatch(
      /^threadweaver: the connection was closed\. [^\n]* Go on with it: threadweaver resume [^\n]*trace\.jsonl --model own\.gguf\n$/,
    );
    const { code, stdout, stderr } = await cli(["resume", path, "--json", "--tree"], {
      engine: scriptedEngine(answer),
    });
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(JSON.parse(stdout)).toMatchObject({ text: result.text, seed: 2 ** 30, tree: { version: 2 } });
  });

  it("gives the result of a run that had come to its end again, without an engine's help", async () => {
    const { path, result } = await traced();
    const engine = scriptedEngine(answer);
    const { code, stdout } = await cli(["resume", path, "--json"], { engine });
    expect(code).toBe(0);
    expect((JSON.parse(stdout) as RunResult).text).toBe(result.text);
    expect(engine.requests).toEqual([]);
  });

  it("shows the tree that grew before, on a terminal", async () => {
    const { path } = await traced();
    const lines = readFileSync(path, "utf8").split("\n");
    writeFileSync(path, lines.slice(0, -20).join("\n"));
    const { stderr } = await cli(["resume", path], { engine: scriptedEngine(answer), isTTY: true });
    expect(stderr).toMatch(/└─ 2  ended by <\/Thread> .*even: 5/);
  });

  it("takes neither engine nor key from the file, and refuses a model of another vocabulary", async () => {
    const { path } = await traced();
    tear(path, 20);
    const before = readFileSync(path);
    const { name: _, ...other } = scriptedEngine(answer);
    const tokenizer = { ...other.tokenizer, vocabularySize: 7 };
    const { code, stderr, opened } = await cli(["resume", path], { engine: { ...other, name: "other", tokenizer } });
    expect({ code, opened }).toMatchObject({ code: 2, opened: [{ kind: "llama", bundled: true }] });
    expect(stderr).toMatch(
      /^threadweaver: The recorded run was made with script and cannot go on with script \(other\): [^\n]*\n$/,
    );
    expect(readFileSync(path)).toEqual(before);
  });

  it.each([
    ["no file", [], "resume needs the file that --trace wrote."],
    [
      "a file that is no trace",
      [new URL(import.meta.url).pathname],
      "line 1: the line is not JSON. Expected a file that",
    ],
    ["an engine that is none", ["x", "--sampling"], "There is no option --sampling."],
  ])("given %s says so in one paragraph, and opens nothing", async (_, args, message) => {
    const { code, stdout, stderr, opened } = await cli(["resume", ...args]);
    expect({ code, stdout, opened }).toEqual({ code: 2, stdout: "", opened: [] });
    expect(stderr).toMatch(/^threadweaver: [^\n]*\n$/);
    expect(stderr).toContain(message);
  });
});
