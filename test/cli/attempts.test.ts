import { describe, expect, it } from "vitest";
import type { AttemptsResult } from "../../src/run/attempts/result.ts";
import { attemptEngine, type Script } from "../run/attempts/attempt-engine.ts";
import { scriptedEngine, planned } from "../run/scripted-engine.ts";
import { cli, temporaryFolder } from "./support.ts";

const box = (value: string): Script => ({ text: `It is \\boxed{${value}}.` });
const three = [box("4"), { text: "hm", end: false }, box("4.0")];
const args = ["run", "Q", "--raw", "--model", "own.gguf", "--temperature", "0.7", "--answer", "boxed"];

describe("threadweaver run --attempts", () => {
  it("prints the text of an attempt that gave the elected answer, and says who voted for it and what was saved", async () => {
    const engine = attemptEngine(three);
    const { code, stdout, stderr } = await cli([...args, "--attempts", "3", "--policy", "quorum:2"], { engine });
    expect({ code, stdout }).toEqual({ code: 0, stdout: "It is \\boxed{4}.\n" });
    expect(stderr).toContain("4: 2 votes of 3 (1, 3)\n");
    expect(stderr).toMatch(
      /1 attempt cut, which saved about \d+ tokens \(an estimate by the 2 that ended by themselves\)/,
    );
    expect(engine.requests.map(({ sampling }) => sampling.temperature)).toEqual([0.7, 0.7, 0.7]);
  });

  it("gives all of it as JSON and nothing else", async () => {
    const engine = attemptEngine([box("4"), box("5"), box("4")]);
    const { stdout, stderr } = await cli([...args, "--attempts", "3", "--json"], { engine });
    const result = JSON.parse(stdout) as AttemptsResult;
    expect(stderr).toBe("");
    expect(result).toMatchObject({ answer: "4", votes: [{ attempts: [0, 2] }, { attempts: [1] }] });
    expect(result.attempts.map(({ answer, voted }) => [answer, voted])).toEqual([
      ["4", true],
      ["5", true],
      ["4", true],
    ]);
    expect(result).not.toHaveProperty("threads");
  });

  it("votes by confidence where asked to", async () => {
    const engine = attemptEngine([
      { ...box("4"), sure: 2 },
      { ...box("5"), sure: 9 },
    ]);
    const { stdout, stderr } = await cli([...args, "--attempts", "2", "--vote", "confidence"], { engine });
    expect(stdout).toContain("boxed{5}");
    expect(stderr).toContain("5: 1 vote of 2 (2), weight 9.000");
  });

  it("warns where no attempt has an answer", async () => {
    const { stderr } = await cli([...args, "--attempts", "2"], {
      engine: attemptEngine([{ text: "?" }, { text: "!" }]),
    });
    expect(stderr).toContain("warning: no answer was found in any of 2 attempts");
  });

  it("records its attempts, and resume gives their votes again", async () => {
    const trace = temporaryFolder()("trace.jsonl");
    const more = ["--attempts", "3", "--policy", "quorum:2", "--trace", trace];
    await cli([...args, ...more], { engine: attemptEngine(three) });
    const { stdout, stderr } = await cli(["resume", trace, "--model", "own.gguf"], { engine: attemptEngine(three) });
    expect(stdout).toBe("It is \\boxed{4}.\n");
    expect(stderr).toContain("4: 2 votes of 3 (1, 3)\n");
  });

  it.each<[string, string[], RegExp]>([
    [
      "a policy that there is not",
      ["--policy", "quorm:2"],
      /"quorm:2" names no policy: there are all, firstOf, quorum/,
    ],
    [
      "a policy without its number",
      ["--policy", "quorum"],
      /"quorum" cannot be made: count .* Write it as in quorum:3/,
    ],
    ["an option that a policy does not have", ["--policy", "confidence:size=3"], /"confidence:size=3" cannot be made/],
    ["a quorum above the count", ["--policy", "quorum:4"], /it waits for 4 equal answers, and there are 3 attempts/],
    ["a dialect", ["--dialect", "npr"], /--attempts answer the plain question/],
    ["many prompts", ["--input", "x.jsonl", "--output", "y.jsonl"], /--attempts is for one prompt/],
    [
      "attempts that would all be the same",
      ["--temperature", "0"],
      /At temperature 0 all 3 attempts would be the same/,
    ],
  ])("refuses %s", async (_, more, message) => {
    const engine = attemptEngine(three);
    const { code, stderr } = await cli([...args, "--attempts", "3", ...more], { engine });
    expect(code).not.toBe(0);
    expect(stderr.replaceAll(/\s+/g, " ")).toMatch(message);
    expect(engine.requests).toEqual([]);
  });
});

describe("threadweaver run --policy", () => {
  const parts = planned({ "1": { text: " short</Thread>" }, "2": { text: " and on", after: "runOn" } });

  it("cuts threads that each do a part of the work where the policy is for such", async () => {
    const engine = scriptedEngine(parts);
    const more = ["run", "Q", "--raw", "--model", "own.gguf", "--dialect", "threadweaver"];
    const { code, stdout, stderr } = await cli([...more, "--policy", "criticalTokens:20"], { engine });
    expect(code).toBe(0);
    expect(stdout).toMatch(/2: and on\.+\n?<\/Thread>/);
    expect(stderr).toContain("thread 2 was cut (criticalTokens)");
  });

  it.each<[string, string[], RegExp]>([
    ["a policy for attempts", ["--policy", "quorum:2"], /the threads of threadweaver each do a part of the work/],
    ["a vote without attempts", ["--vote", "majority"], /--vote is for --attempts/],
    ["a rule for answers that no policy compares", ["--answer", "lastBox"], /--answer and --equal are for --attempts/],
  ])("refuses %s", async (_, more, message) => {
    const own = ["run", "Q", "--raw", "--model", "own.gguf", "--dialect", "threadweaver"];
    const { code, stderr } = await cli([...own, ...more], { engine: scriptedEngine(parts) });
    expect(code).not.toBe(0);
    expect(stderr.replaceAll(/\s+/g, " ")).toMatch(message);
  });
});
