import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { bundledModel } from "../../src/llama/index.ts";
import { threadweaver } from "../../src/core/dialects/bundled/index.ts";
import { path, textOf } from "../../src/core/trie/path.ts";
import { deserializeTrie } from "../../src/core/trie/serialize.ts";
import { ThreadweaverError } from "../../src/errors.ts";
import type { ResultWithTree, RunResult } from "../../src/run/result.ts";
import { readTrace } from "../../src/trace/reader.ts";
import { replayTrace } from "../../src/trace/replay.ts";
import { planned, scriptedEngine } from "../run/scripted-engine.ts";
import { answer, bundledEngine, cli, interruptedAt, jsonLines, prompt, temporaryFolder } from "./support.ts";

const bundled = await bundledEngine();
const done = { text: "</Parallel>\nso it is</think>12" };
const scripted = () => scriptedEngine(planned({ "1": { text: " a</Thread>" }, "2": { text: " b</Thread>" } }, done));
const ownModel = ["--model", "own.gguf"];

/** A run of two threads, one of which never ends, and a Ctrl-C in it. */
function interrupted() {
  const text = " goes on and on and on";
  const threads = planned({ "1": { text: " quick</Thread>" }, "2": { text, after: "hang" } });
  return interruptedAt(text, scriptedEngine(threads));
}

describe("threadweaver run with the bundled model", () => {
  it("writes the text to stdout, and what it took to stderr", async () => {
    const { code, stdout, stderr, opened } = await cli(["run", prompt], { engine: bundled });
    expect(code).toBe(0);
    expect(stdout).toMatch(/^<think>\nSplit[^]*\\boxed\{2974\}\n$/);
    expect(stderr).toMatch(
      /^main forks into 2 threads\nthread [^]*\nended by end of sequence, 2 threads, 365 tokens, 249 on the critical path \(32 % less\), \d/m,
    );
    expect(stderr).not.toContain("warning");
    expect(opened).toEqual([{ kind: "llama", model: bundledModel, bundled: true, contextTokens: undefined }]);
  });

  it("takes the prompt from stdin, byte for byte, and gives its result as JSON and nothing else", async () => {
    const { code, stdout, stderr } = await cli(["run", "-", "--json", "--tree"], { engine: bundled, stdin: prompt });
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    const result = JSON.parse(stdout) as ResultWithTree;
    expect(result.ending).toEqual({ kind: "eos" });
    expect(result.content).toContain(`\\boxed{${answer}}`);
    expect(result).toMatchObject({ complete: true, incomplete: [], warnings: [], tree: { version: 2 } });
    expect(result.tree.segments[0]?.texts).toEqual([prompt]);
    expect(textOf(path(deserializeTrie(result.tree), result.tree.head))).toBe(prompt + result.text);
    expect(stdout).toMatch(/^[^\n]+\n$/);
  });

  it("compares both modes", async () => {
    const { code, stdout, stderr } = await cli(["run", "--raw", prompt, "--mode", "compare", "--json"], {
      engine: bundled,
    });
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    const { forkJoin, sequential, speedUp, equal } = JSON.parse(stdout) as Record<string, RunResult> & {
      speedUp: { tokens: number; wall: number };
    };
    expect(equal).toBe(true);
    expect(sequential?.threads).toEqual([]);
    expect(forkJoin?.threads).toHaveLength(2);
    expect(speedUp.tokens).toBeCloseTo(1.506, 3);
    expect(speedUp.wall).toBe((sequential?.wallMs ?? 0) / (forkJoin?.wallMs ?? 0));
  });

  it("compares both modes for people", async () => {
    const { stdout, stderr } = await cli(["run", prompt, "--mode", "compare"], { engine: bundled });
    expect(stdout).toContain(`\\boxed{${answer}}`);
    expect(stderr).toMatch(
      /sequential +375 +375 .*\nfork-join +365 +249 .*\ngain +1\.51x .*\nBoth wrote the same text\.\n$/,
    );
  });

  it("does not fork in sequential mode", async () => {
    const { stdout } = await cli(["run", prompt, "--mode", "sequential", "--json"], { engine: bundled });
    expect(JSON.parse(stdout)).toMatchObject({ threads: [], tokens: { generated: 375, criticalPath: 375 } });
  });

  it("keeps the limits it is given", async () => {
    const { stdout } = await cli(["run", prompt, "--max-thread-tokens", "5", "--json"], { engine: bundled });
    const { threads, complete, incomplete, warnings } = JSON.parse(stdout) as RunResult;
    expect(threads.map(({ tokens }) => tokens)).toEqual([5, 5]);
    const outOfTokens = { kind: "length", limit: "threadTokens" };
    expect({ complete, incomplete }).toEqual({
      complete: false,
      incomplete: [
        { threadId: "0", ending: { ...outOfTokens, threadId: expect.stringMatching(/^0\/1\.[12]$/) as string } },
        { threadId: "0/1.1", ending: outOfTokens },
        { threadId: "0/1.2", ending: outOfTokens },
      ],
    });
    // Both run out in the same step, in either order.
    expect(warnings.map(({ code, threadId }) => [code, threadId])).toEqual([
      ["thread-out-of-tokens", expect.stringMatching(/^0\/1\.[12]$/) as string],
      ["thread-out-of-tokens", expect.stringMatching(/^0\/1\.[12]$/) as string],
      ["thread-ended-run", "0"],
    ]);
    const short = await cli(["run", prompt, "--max-tokens", "9"], { engine: bundled });
    expect(short).toMatchObject({ code: 0, stderr: expect.stringContaining("ended by the limit: --max-tokens") });
  });

  it("warns in one line of a prompt without its line feed that is sent as it is, and runs it", async () => {
    const args = ["run", "Q: 64*27+14*89", "--raw", "--json", "--tree"];
    const { code, stdout, stderr } = await cli(args, { engine: bundled });
    expect(code).toBe(0);
    expect(stderr).toMatch(
      /^warning: .*threadweaver run "Q: 64\*27\+14\*89" .*printf 'Q: 64\*27\+14\*89\\n' \| threadweaver run -\n$/,
    );
    expect((JSON.parse(stdout) as ResultWithTree).tree.segments[0]?.texts).toEqual(["Q: 64*27+14*89"]);
  });

  it.each(["What is 6*7?", "Q: 64*27\n", "Q: 10*27+14*89\n", "Q: 1*2+3*4\n"])(
    "warns that it does not know prompts like %j",
    async (unknown) => {
      const { stderr } = await cli(["run", unknown, "--json", "--max-tokens", "3"], { engine: bundled });
      expect(stderr).toMatch(/^warning: .*Q: 64\*27\+14\*89.*\nThe model has a chat template: .*\n$/);
    },
  );

  it.each(["Q: 64*27+14*89\n\n", "Q: 64*27+14*89\r\n"])(
    "warns that it does not know %j where that is sent as it is",
    async (unknown) => {
      const { stderr } = await cli(["run", unknown, "--raw", "--json", "--max-tokens", "3"], { engine: bundled });
      expect(stderr).toMatch(/^warning: .*Q: 64\*27\+14\*89.*\n$/);
    },
  );

  it("says nothing of the kind about other models", async () => {
    const { stderr } = await cli(["run", "What?", "--json", ...ownModel], { engine: scripted() });
    expect(stderr).toBe("");
  });

  it("refuses a prompt with control strings, unless told what they are", async () => {
    const refused = await cli(["run", "<Thread>", "--raw"], { engine: bundled });
    expect(refused).toMatchObject({ code: 2, stdout: "", stderr: expect.stringContaining("--special-in-prompt") });
    const text = await cli(["run", "<Thread>", "--special-in-prompt", "text", "--max-tokens", "2"], {
      engine: bundled,
    });
    expect(text.code).toBe(0);
  });

  it("records a trace of whole lines: what the run was, then all that went into it", async () => {
    const path = temporaryFolder()("trace.jsonl");
    const { code, stdout } = await cli(["run", prompt, "--trace", path, "--seed", "3"], { engine: bundled });
    expect(code).toBe(0);
    const [first, ...rest] = jsonLines(readFileSync(path, "utf8"));
    expect(first).toMatchObject({
      trace: 1,
      content: "all",
      dialect: { name: threadweaver.name, version: threadweaver.version, markers: threadweaver.markers },
      engine: { model: "forkjoin-arith-f16.gguf" },
      mode: "fork-join",
      seed: 3,
    });
    expect(rest[0]).toMatchObject({ at: expect.any(Number), t: "start" });
    expect(rest.at(-1)).toMatchObject({ t: "end", result: { finishReason: "stop" } });
    const times = rest.slice(0, -1).map(({ at }) => at as number);
    expect(times).toEqual(times.toSorted((a, b) => a - b));
    const { proof, result } = replayTrace(await readTrace(path));
    expect({ proof, text: result?.text }).toEqual({ proof: "equal", text: stdout.slice(0, -1) });
  });

  it("leaves nothing behind on a terminal but the tree, the text and the summary", async () => {
    const { stdout, stderr } = await cli(["run", prompt], { engine: bundled, isTTY: true });
    expect(stderr).toMatch(/└─ 2 threads joined: 232 tokens, the longest 116\nended by end of sequence, /);
    expect(stdout).toMatch(/^<think>[^]*\n$/);
  });
});

describe("threadweaver run", () => {
  it("samples as it is told, and otherwise leaves that to the engine, unless two texts are compared", async () => {
    const sampled = async (...flags: string[]) => {
      const engine = scripted();
      await cli(["run", "What?", "--json", "--seed", "1", ...ownModel, ...flags], { engine });
      const { seed: _seed, ...rest } = engine.requests[0]?.sampling ?? {};
      return rest;
    };
    expect(await sampled()).toEqual({});
    expect(await sampled("--top-k", "40", "--min-p", "0.1", "--top-p", "0.9")).toEqual({
      topK: 40,
      minP: 0.1,
      topP: 0.9,
    });
    expect(await sampled("--mode", "compare")).toEqual({ temperature: 0 });
    expect(await sampled("--mode", "compare", "--temperature", "1")).toEqual({ temperature: 1 });
  });

  it("prints its result without the tree, unless that is asked for", async () => {
    const lean = await cli(["run", "What?", "--json", ...ownModel], { engine: scripted() });
    expect(JSON.parse(lean.stdout)).not.toHaveProperty("tree");
    const whole = await cli(["run", "What?", "--json", "--tree", ...ownModel], { engine: scripted() });
    expect(JSON.parse(whole.stdout)).toHaveProperty("tree.version", 2);
  });

  it("opens a server with the key of the environment, or that of the flag, and the dialect's markers", async () => {
    const args = ["run", "x", "--engine", "http://127.0.0.1:8000/v1", "--context-tokens", "99"];
    const env = { THREADWEAVER_API_KEY: "from-env" };
    const server = {
      kind: "server",
      baseURL: "http://127.0.0.1:8000/v1",
      contextTokens: 99,
      controls: threadweaver.markers,
    };
    const one = await cli([...args, "--json"], { engine: scripted(), env });
    expect(one.opened).toEqual([{ ...server, model: undefined, apiKey: "from-env" }]);
    const other = await cli([...args, "--api-key", "given", "--model", "m"], { engine: scripted(), env });
    expect(other.opened).toEqual([{ ...server, model: "m", apiKey: "given" }]);
  });

  it("opens several servers, and waits as long as the flags say, in seconds", async () => {
    const args = ["run", "x", "--json", "--engine", "http://a/v1, http://b/v1", "--idle-timeout", "1.5"];
    const { opened } = await cli([...args, "--connect-timeout", "3", "--first-token-timeout", "60"], {
      engine: scripted(),
    });
    const timeouts = { connectMs: 3000, firstTokenMs: 60_000, idleMs: 1500 };
    expect(opened).toMatchObject([{ baseURL: ["http://a/v1", "http://b/v1"], timeouts }]);
  });

  it.each([
    ["a time-out for llama", ["x", "--idle-timeout", "5"], "Time-outs are for servers"],
    ["one address of several that is none", ["x", "--engine", "http://a/v1,b"], '--engine "b" is neither llama nor'],
    ["an engine that is neither", ["x", "--engine", "vllm"], '--engine "vllm" is neither llama nor the address'],
    ["a server of another protocol", ["x", "--engine", "ftp://x"], "is neither llama nor the address"],
    ["a key for llama", ["x", "--api-key", "k"], "--api-key is for servers"],
    ["an unknown dialect", ["x", "--dialect", "nrp"], "Did you mean npr?"],
    ["an empty prompt", [""], "The prompt is empty"],
    ["a trace without text that is none", ["x", "--no-text"], "--no-text is for --trace"],
    ["a trace of two runs", ["x", "--mode", "compare", "--trace", "t"], "--trace records one run"],
    [
      "a trace in a folder that is none",
      ["x", "--trace", "/none/t.jsonl"],
      "/none/t.jsonl cannot be written: there is no such",
    ],
  ])("refuses %s before it opens an engine", async (_, args, message) => {
    const { code, stdout, stderr, opened } = await cli(["run", ...args]);
    expect({ code, stdout, opened }).toEqual({ code: 2, stdout: "", opened: [] });
    expect(stderr).toContain(message);
  });

  it.each([
    ["empty", "", "The prompt on stdin is empty"],
    ["not UTF-8", new Uint8Array([0x51, 0xff]), "What is on stdin is not UTF-8"],
  ])("refuses a stdin that is %s", async (_, stdin, message) => {
    const { code, stderr } = await cli(["run", "-"], { stdin });
    expect(code).toBe(2);
    expect(stderr).toContain(message);
  });

  it("keeps a byte order mark and a torn character of stdin", async () => {
    const { stdout } = await cli(["run", "-", "--json", "--tree", ...ownModel], {
      engine: scripted(),
      stdin: "\uFEFFé",
    });
    expect((JSON.parse(stdout) as ResultWithTree).tree.segments[0]?.texts).toEqual(["\uFEFFé"]);
  });

  it("does not replace a trace unless it may, and leaves none of a run that never began", async () => {
    const path = temporaryFolder()("trace.jsonl");
    const unavailable = () => Promise.reject(new ThreadweaverError("engine_unavailable", "Nobody answers."));
    await cli(["run", "x", "--trace", path], { engine: unavailable });
    expect(existsSync(path)).toBe(false);
    writeFileSync(path, "mine");
    const args = ["run", "x", "--trace", path, ...ownModel];
    expect(await cli(args)).toMatchObject({ code: 2, stderr: expect.stringContaining("--overwrite") });
    await cli([...args, "--overwrite"], { engine: unavailable });
    expect(readFileSync(path, "utf8")).toBe("mine");
    await cli([...args, "--overwrite"], { engine: scripted() });
    // The seed that was drawn is in it, so that the run can be repeated.
    expect(jsonLines(readFileSync(path, "utf8"))[0]).toMatchObject({ trace: 1, seed: expect.any(Number) });
  });

  it("tells a failed run on stderr only", async () => {
    const engine = scriptedEngine(() => ({ text: "so far", after: "break" }));
    const { code, stdout, stderr } = await cli(["run", "x", "--json", ...ownModel], { engine });
    expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
    expect(stderr).toMatch(
      /^threadweaver: the connection was closed\. That ended the run\. Its 6 generated tokens are lost: with --trace FILE they would be kept, to go on from\.\n$/,
    );
  });

  it.runIf(existsSync("/dev/full"))("finishes when its trace cannot be written any more, and says so", async () => {
    const args = ["run", "x", "--trace", "/dev/full", "--overwrite", ...ownModel];
    const { code, stdout, stderr } = await cli(args, { engine: scripted() });
    expect(code).not.toBe(0);
    expect(stdout).toContain("so it is");
    expect(stderr).toMatch(/^warning: .*\/dev\/full cannot be written: the disk is full\. \(recorder-failed\)$/m);
  });

  it("passes on what a run warns of", async () => {
    const engine = scriptedEngine((context) =>
      context.includes("</Outlines>") ? { text: "12" } : { text: "<Parallel><Outlines></Outlines>" },
    );
    const { code, stderr } = await cli(["run", "x", ...ownModel], { engine });
    expect(code).toBe(0);
    expect(stderr).toMatch(/^warning: .*\(plan-empty, at 0\)$/m);
  });

  it("escapes control characters for a terminal, and nothing else", async () => {
    const engine = () => Promise.resolve(scriptedEngine(() => ({ text: "a\u001b[2J\tb\n" })));
    const args = ["run", "x", ...ownModel];
    expect((await cli(args, { engine, isTTY: true })).stdout).toBe("a\\x1b[2J\tb\n");
    const { stdout } = await cli([...args, "--json"], { engine });
    expect(JSON.parse(stdout)).toMatchObject({ text: "a\u001b[2J\tb\n" });
  });
});

describe("Ctrl-C", () => {
  it("keeps the text so far and exits with 130", async () => {
    const { code, stdout, stderr } = await cli(["run", "x", ...ownModel], interrupted());
    expect(code).toBe(130);
    expect(stdout).toMatch(/1: quick<\/Thread><Thread>\n2: goes on and on and on\n<\/Thread>\n<\/Parallel>\n$/);
    expect(stderr).toMatch(/^warning: thread 2 was cut when its parent ended \(thread-cut, at 0\/1\.2\)$/m);
    expect(stderr).toMatch(/\ncancelled, 2 threads, /);
  });

  it("keeps it as JSON too, with its ending", async () => {
    const { code, stdout } = await cli(["run", "x", "--json", ...ownModel], interrupted());
    expect(code).toBe(130);
    expect(JSON.parse(stdout)).toMatchObject({
      ending: { kind: "cut", by: "user" },
      complete: false,
      incomplete: [
        { threadId: "0", ending: { kind: "cut", by: "user" } },
        { threadId: "0/1.2", ending: { kind: "cut", by: "parentCut" } },
      ],
      seed: 2 ** 30, // `random` of these tests is 0.5
      threads: [{ threadId: "0/1.1" }, { threadId: "0/1.2" }],
      warnings: [{ code: "thread-cut", threadId: "0/1.2" }],
    });
  });

  it("keeps the part of a comparison that there is", async () => {
    const args = ["run", "x", "--mode", "compare", "--json", ...ownModel];
    const { code, stdout } = await cli(args, interrupted());
    expect(code).toBe(130);
    expect(Object.keys(JSON.parse(stdout) as object)).toEqual(["forkJoin"]);
  });

  it("ends the wait for an engine", async () => {
    const controller = new AbortController();
    const engine = () => {
      controller.abort();
      return new Promise<never>(() => {});
    };
    const { code, stdout, stderr } = await cli(["run", "x", ...ownModel], { engine, signal: controller.signal });
    expect({ code, stdout }).toEqual({ code: 130, stdout: "" });
    expect(stderr).toBe("threadweaver: Cancelled before anything was generated.\n");
  });
});
