import { readFileSync, writeFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import type { RunResult } from "../../src/run/result.ts";
import { chatEngine, contextsOf } from "../run/fork/chat-engine.ts";
import { tear } from "../trace/support.ts";
import { cli, interruptedAt, temporaryFolder } from "./support.ts";

const answers = (context: string) => ({ text: /\n(\w+)\?›/.exec(context)?.[1]?.toLowerCase() ?? "all of it" });
const chat = JSON.stringify([{ role: "user", content: "A long document." }]);
const branches = '{"ask": "Who?"}\n\n{"name": "place", "ask": "Where?", "maxTokens": 4, "temperature": 0.5}\n';

/** A chat and its branches in files, and the arguments that name them. */
function files(text = branches) {
  const path = temporaryFolder();
  writeFileSync(path("chat.json"), chat);
  writeFileSync(path("branches.jsonl"), text);
  const args = ["fork", "--messages", path("chat.json"), "--branches", path("branches.jsonl"), "--model", "own.gguf"];
  return { path, args };
}

describe("threadweaver fork", () => {
  it("prints each result under its name, in the order of the branches", async () => {
    const engine = chatEngine(answers);
    const { code, stdout, stderr } = await cli(files().args, { engine });
    expect({ code, stdout }).toEqual({ code: 0, stdout: "1:\nwho\n\nplace:\nwher\n" });
    expect(stderr).toContain("main forks into 2 threads");
    expect(stderr).toMatch(/warning: thread place ran out of threadTokens .*\nended by end of sequence, 2 threads/);
    expect(engine.requests.map(({ sampling }) => sampling.temperature)).toEqual([undefined, 0.5]);
  });

  it("goes on after what --combine makes of the results, and prints only that", async () => {
    const engine = chatEngine(answers);
    const { stdout } = await cli([...files().args, "--combine", "{1} and {place}"], { engine });
    expect(stdout).toBe("all of it\n");
    expect(contextsOf(engine).at(-1)).toContain("‹user\nwho and wher›");
  });

  it("cuts branches as --policy says, and refuses a policy for attempts before a model is loaded", async () => {
    const engine = chatEngine((context) => ({ text: "x".repeat(context.includes("Who?") ? 30 : 2) }));
    const { stdout, stderr } = await cli([...files().args, "--policy", "criticalTokens:5"], { engine });
    expect(stdout).toBe("1:\nxxxxx\n\nplace:\nxx\n");
    expect(stderr).toContain("thread 1 was cut (criticalTokens)");
    const refused = await cli([...files().args, "--policy", "quorum:2"], { engine });
    expect(refused.stderr.replaceAll(/\s+/g, " ")).toContain("the branches of a fork each do a part of the work");
  });

  it("gives its result as JSON and nothing else", async () => {
    const { stdout, stderr } = await cli([...files().args, "--json", "--tree"], { engine: chatEngine(answers) });
    const result = JSON.parse(stdout) as RunResult;
    expect(stderr).toBe("");
    expect(result).toMatchObject({ text: "", threads: [{ name: "1" }, { name: "place" }], tree: { version: 2 } });
  });

  it("takes the branches from stdin, and continues a prompt that is sent as it is", async () => {
    const engine = chatEngine(() => ({ text: "4" }));
    const stdin = '\uFEFF{"continue": "2+2="}\n{"continue": "1+3="}';
    const args = ["fork", "Sums: ", "--raw", "--branches", "-", "--model", "own.gguf"];
    const { stdout } = await cli(args, { engine, stdin });
    expect(stdout).toBe("1:\n4\n\n2:\n4\n");
    expect(contextsOf(engine)).toEqual(["Sums: 2+2=", "Sums: 1+3="]);
  });

  it("records its run, which is replayed and gone on with from the file alone", async () => {
    const { path, args } = files();
    const trace = path("trace.jsonl");
    const { stdout } = await cli([...args, "--combine", "now {results}", "--trace", trace], {
      engine: chatEngine(answers),
    });
    expect(stdout).toBe("all of it\n");
    const replayed = await cli(["trace", "replay", trace]);
    expect(replayed.code).toBe(0);
    expect(replayed.stdout).toMatch(/^fork on script, [^]*Proven: the result is the recorded one/);
    // Killed before main began.
    const lines = readFileSync(trace, "utf8").trimEnd().split("\n");
    tear(trace, lines.length - 1 - lines.findIndex((line) => line.includes('"t":"combined"')));
    const engine = chatEngine(answers);
    const again = await cli(["resume", trace, "--model", "own.gguf"], { engine });
    expect(again).toMatchObject({ code: 0, stdout: "all of it\n" });
    expect(contextsOf(engine)).toEqual([expect.stringContaining("now 1:\nwho\n\nplace:\nwher›") as string]);
  });

  it("keeps what there is when it is interrupted, and says how to go on", async () => {
    const { path, args } = files('{"ask": "Who?"}\n');
    const endless = interruptedAt(
      "on and on",
      chatEngine(() => ({ text: "on and on", after: "hang" })),
    );
    const { code, stdout, stderr } = await cli([...args, "--trace", path("t.jsonl")], endless);
    expect({ code, stdout }).toEqual({ code: 130, stdout: "1:\non and on\n" });
    expect(stderr).toContain(`Go on with it: threadweaver resume ${path("t.jsonl")} --model own.gguf`);
  });
});

describe("what is wrong is said before a model is loaded", () => {
  it.each<[string, string, readonly string[], number, string]>([
    ["no branches", "\n", [], 2, "holds no branches: it has no line of JSON."],
    ["no JSON", '{"ask": "Who?"}\n{ask}', [], 2, "branches.jsonl:2 is not JSON: "],
    ["no object", '"Who?"', [], 2, "branches.jsonl:1 is no object. A line is one JSON object such as"],
    ["equal names", '{"ask": "a"}\n{"name": "1", "ask": "b"}', [], 2, 'branches[0] and branches[1] are both named "1"'],
    ["an unknown field", '{"ask": "a", "max_tokens": 3}', [], 2, "there is no option max_tokens"],
    ["a template without results", branches, ["--combine", "sum up"], 2, "has none of {results}, {1}, {place}"],
    ["two from stdin", branches, ["--branches", "-", "--messages", "-"], 2, "Only one of the branches and what"],
  ])("%s", async (_, text, more, code, message) => {
    const ran = await cli([...files(text).args, ...more]);
    expect(ran.stderr).toContain(message);
    expect(ran).toMatchObject({ code, stdout: "", opened: [] });
  });

  it("no file of branches, or none that can be read", async () => {
    const { path, args } = files();
    const without = await cli(["fork", "--messages", path("chat.json")]);
    expect(without).toMatchObject({ code: 2, stderr: expect.stringContaining("fork needs --branches FILE") as string });
    const missing = await cli([...args, "--branches", path("none.jsonl")]);
    expect(missing.stderr).toContain(`--branches ${path("none.jsonl")} cannot be read: ENOENT`);
  });
});
