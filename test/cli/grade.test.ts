import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { cli, temporaryFolder } from "./support.ts";

const lines = (...pairs: readonly unknown[]): string => pairs.map((pair) => `${JSON.stringify(pair)}\n`).join("");

/** A Python that has math-verify, if there is one. */
const python = process.env["THREADWEAVER_MATH_VERIFY_PYTHON"] ?? "python3";
const haveMathVerify = ((): boolean => {
  try {
    execFileSync(python, ["-c", "import math_verify"], { stdio: "ignore", timeout: 60_000 });
    return true;
  } catch {
    return false;
  }
})();

/** A program that takes Python's place: it greets, and then answers each line by what its gold is. */
function fakePython(folder: (name: string) => string): string {
  const path = folder("python");
  writeFileSync(
    path,
    `#!${process.execPath}
const say = (value) => process.stdout.write(JSON.stringify(value) + "\\n");
say({ version: "0.0.1" });
require("node:readline").createInterface({ input: process.stdin }).on("line", (line) => {
  const { gold, answer } = JSON.parse(line);
  if (gold.includes("hang")) return;
  if (gold.includes("crash")) process.exit(1);
  if (gold.includes("fail")) return say({ failed: "ValueError: no" });
  say({ equal: gold === answer });
});
`,
    { mode: 0o755 },
  );
  return path;
}

describe("threadweaver grade", () => {
  it("prints a verdict for each pair, in their order", async () => {
    const stdin = lines(
      { gold: "1/2", answer: "so \\boxed{0.5}" },
      { gold: 27, answer: "28", id: 3 },
      { gold: "x", answer: "\\boxed{x" },
    );
    expect(await cli(["grade"], { stdin })).toMatchObject({
      code: 0,
      stdout: lines({ equal: true, rule: "exact" }, { equal: false, rule: "exact" }, { equal: false, rule: "nothing" }),
      stderr: "",
    });
  });

  it("grades by the policy and the extraction rule that are named", async () => {
    const stdin = lines({ gold: "100", answer: "it is 100.5" });
    expect((await cli(["grade", "--policy", "minerva", "--extract", "lastNumber"], { stdin })).stdout).toContain(
      '"tolerance"',
    );
    const { code, stderr } = await cli(["grade", "--policy", "nix"], { stdin });
    expect(code).toBe(2);
    expect(stderr).toMatch(/no grading policy "nix"\. There are default, strict/);
  });

  it.each([
    ["{", /Line 2 of the pairs cannot be used: it is not JSON/],
    ['{"gold": "1"}', /Line 2 .*answer: expected text or a number\. Each line is .*"gold"/],
    ["[]", /Line 2 /],
  ])("says which line is no pair, what is wrong with it and what a pair is: %s", async (bad, message) => {
    const { code, stdout, stderr } = await cli(["grade"], { stdin: `${lines({ gold: "1", answer: "1" })}${bad}\n` });
    expect(code).toBe(2);
    expect(stdout).toBe(lines({ equal: true, rule: "same" }));
    expect(stderr).toMatch(message);
  });

  it("passes blank lines over, and takes a last line without a line feed", async () => {
    const { stdout } = await cli(["grade"], { stdin: '\n\n{"gold": "1", "answer": "2"}' });
    expect(stdout).toBe(lines({ equal: false, rule: "exact" }));
  });

  it("reports every disagreement with math-verify, whose process is killed on time and started anew", async () => {
    const stdin = lines(
      { gold: "1", answer: "1" },
      { gold: "1", answer: "1.0" },
      { gold: "hang", answer: "2" },
      { gold: "crash", answer: "3" },
      { gold: "fail", answer: "4" },
      { gold: "2e3", answer: "2E3" },
    );
    const folder = temporaryFolder();
    const args = ["--cross-check", "math-verify", "--python", fakePython(folder), "--timeout", "2", "--workers", "1"];
    const { code, stdout, stderr } = await cli(["grade", ...args], { stdin });
    expect(code).toBe(0);
    expect(stdout.trim().split("\n")).toHaveLength(6);
    expect(stderr.trim().split("\n")).toEqual([
      "math-verify 0.0.1 agrees on 2 of 6 pairs; it says otherwise of 1, timed out on 1 and failed on 2.",
      "line 2: gold 1 | answer 1.0 | threadweaver: equal (exact) | math-verify: different",
      expect.stringMatching(/^line 3: gold hang .* math-verify: timed out$/),
      expect.stringMatching(/^line 4: gold crash .* math-verify: failed$/),
      expect.stringMatching(/^line 5: gold fail .* math-verify: failed$/),
    ]);
  });

  it("ends its processes and says so when it is cancelled", async () => {
    const args = ["--cross-check", "math-verify", "--python", fakePython(temporaryFolder()), "--timeout", "60"];
    const signal = AbortSignal.timeout(500);
    const { code, stdout, stderr } = await cli(["grade", ...args], {
      stdin: lines({ gold: "hang", answer: "1" }),
      signal,
    });
    expect(code).toBe(130);
    expect(stdout).not.toBe("");
    expect(stderr).toMatch(/The cross-check was cancelled/);
  });

  it("says how to get math-verify where it cannot be started", async () => {
    const args = ["--cross-check", "math-verify", "--python", "/nowhere/python"];
    const { code, stderr } = await cli(["grade", ...args], { stdin: lines({ gold: "1", answer: "1" }) });
    expect(code).toBe(2);
    expect(stderr).toMatch(/math-verify cannot be started with \/nowhere\/python: .*ENOENT.*pip install math-verify/s);
  });

  it.skipIf(!haveMathVerify)("asks the real math-verify, and kills it over a tower of powers", async () => {
    const stdin = lines(
      { gold: "\\frac{1}{2}", answer: "\\boxed{0.5}" },
      { gold: "4.5e33", answer: "4.5 \\times 10^{33}" },
      { gold: "52_8", answer: "52_9" },
      { gold: "9", answer: "9^{9^{9}}" },
    );
    const args = ["--cross-check", "math-verify", "--python", python, "--timeout", "3", "--workers", "1"];
    const { stderr } = await cli(["grade", ...args], { stdin });
    expect(stderr).toMatch(
      /^math-verify \S+ agrees on 2 of 4 pairs; it says otherwise of 1, timed out on 1 and failed on 0\.\nline 3: /,
    );
  });
});
