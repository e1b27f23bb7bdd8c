import { copyFileSync, existsSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { traceKnownRun } from "../trace/timeline/known-run.ts";
import { tear } from "../trace/support.ts";
import { planned, scriptedEngine } from "../run/scripted-engine.ts";
import { cli, temporaryFolder } from "./support.ts";

const engine = () => scriptedEngine(planned({ "1": { text: " odd.</Thread>" }, "2": { text: " even.</Thread>" } }));
const run = ["run", "Q", "--model", "own.gguf"];

describe("threadweaver trace show", () => {
  /** A trace of the known run, in a folder for more files. */
  async function traced() {
    const place = temporaryFolder();
    const known = place("known.jsonl");
    await traceKnownRun(known);
    return { place, known };
  }

  it("draws a line for each lane, what was waited for in full, and the figures", async () => {
    const { known } = await traced();
    const { code, stdout, stderr } = await cli(["trace", "show", known]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    const lines = stdout.split("\n");
    expect(lines[0]).toBe("known.jsonl: threadweaver, fork-join on script, seed 7");
    expect(lines[2]).toMatch(/^ {6}0 +1\.53 s {2}tokens$/);
    expect(lines[4]).toMatch(/^├─ 1 {20,}░+▒+ +14$/);
    expect(lines[5]).toMatch(/^├─ 2 {20,}░+█+ +61$/);
    expect(lines[6]).toMatch(/^├─ 3 {20,}░+▒+!░+▒+ +14$/);
    expect(lines[7]).toMatch(/^└─ 4 {20,}░+▒+× +10$/);
    expect(lines[3]).toMatch(/^main {2}░+█+·+░+█+ +77$/);
    expect(stdout).toContain("\nJoins waited for     0/1: 2 (0/1.2), 45 ms longer than the others\n");
    for (const line of lines) expect(line.length).toBeLessThanOrEqual(100);
  });

  it("shows the texts in reading order, and who wrote what", async () => {
    const { known } = await traced();
    const { stdout } = await cli(["trace", "show", known, "--texts"]);
    expect(stdout).toContain(
      "── 2 (0/1.2), put there by the runtime\n<Thread>\n2:\n── 2 (0/1.2), by the model\n the long one",
    );
  });

  it("gives the timeline as JSON, and nothing else", async () => {
    const { known } = await traced();
    const { stdout } = await cli(["trace", "show", known, "--json"]);
    expect(JSON.parse(stdout)).toMatchObject({ end: { ms: 1530, tokens: 138 }, lanes: { length: 5 } });
  });

  it("shows a result of a batch by its steps, and both runs of a comparison", async () => {
    const place = temporaryFolder();
    const output = place("results.jsonl");
    writeFileSync(place("in.jsonl"), '{"id":"a","prompt":"Q"}\n{"id":"b","prompt":"Q"}\n');
    const batch = ["run", "--input", place("in.jsonl"), "--output", output, "--model", "own.gguf"];
    await cli([...batch, "--tree", "--mode", "compare"], { engine: engine() });
    const { code, stdout } = await cli(["trace", "show", output, "--id", "b"]);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^results\.jsonl, b, fork-join: seed \d+$/m);
    expect(stdout).toMatch(/^results\.jsonl, b, sequential: seed \d+$/m);
    expect(stdout).toContain("A result says what happened, but not when: only a trace has times.");
    const several = await cli(["trace", "show", output]);
    expect(several).toMatchObject({ code: 2, stdout: "" });
    expect(several.stderr).toContain('results.jsonl has 2 results. Name one with --id, such as "a", "b".');
    const timed = await cli(["trace", "show", output, "--id", "a", "--axis", "time"]);
    expect(timed.stderr).toContain("--axis time needs traces: a result does not say when something happened.");
  });

  it("shows a run that was killed up to there, and says so", async () => {
    const { place, known } = await traced();
    const torn = place("torn.jsonl");
    copyFileSync(known, torn);
    tear(torn, 5);
    const { code, stdout } = await cli(["trace", "show", torn]);
    expect(code).toBe(0);
    expect(stdout).toContain(
      "The last line of the trace was not whole, and is left out.\nThe trace ends before its run did.\n",
    );
  });

  it.each([
    [
      "a trace without text",
      ["--trace", "FILE", "--no-text"],
      /The run in \S+ cannot be shown, because it was written without text\./,
    ],
    [
      "a result without its tree",
      ["--json"],
      /line 1: the result has no tree, so it cannot be shown\. Run it again with --tree/,
    ],
  ])("given %s says what is missing", async (_, flags, message) => {
    const path = temporaryFolder()("x.jsonl");
    const { stdout } = await cli([...run, "--overwrite", ...flags.map((flag) => (flag === "FILE" ? path : flag))], {
      engine: engine(),
    });
    if (!flags.includes("FILE")) writeFileSync(path, stdout);
    const { code, stdout: shown, stderr } = await cli(["trace", "show", path]);
    expect({ code, shown }).toEqual({ code: 2, shown: "" });
    expect(stderr).toMatch(message);
    expect(stderr).toMatch(/^threadweaver: [^\n]*\n$/);
  });

  it.each([
    [
      "a trace of another version",
      (text: string) => text.replace('{"trace":1', '{"trace":99'),
      "a trace of version 99. This threadweaver reads version 1",
    ],
    [
      "a trace that was changed",
      (text: string) => text.replace('"call":0', '"call":7'),
      "this input does not follow from those before it",
    ],
    ["half of a first line", (text: string) => text.slice(0, 50), "ends inside its first line: its run had not begun"],
    [
      "another file",
      () => "a,b\n1,2\n",
      "line 1: expected a trace (--trace) or a result (--json, --output) with its tree",
    ],
    ["other JSON", () => '{"a":1}\n', "line 1: expected a trace or a result with its tree; this is neither"],
    ["nothing", () => "", "is empty."],
  ])("given %s says so in one sentence", async (_, change, message) => {
    const { place, known } = await traced();
    const path = place("x.jsonl");
    writeFileSync(path, change(readFileSync(known, "utf8")));
    const { code, stdout, stderr } = await cli(["trace", "show", path]);
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toContain(message);
    expect(stderr).toMatch(/^threadweaver: [^\n]*\n$/);
  });
});

describe("threadweaver trace view", () => {
  it("writes one page for its owner, and does not replace a file unless it is told to", async () => {
    const place = temporaryFolder();
    const [file, page] = [place("run.jsonl"), place("page.html")];
    await traceKnownRun(file);
    const { code, stdout, stderr } = await cli(["trace", "view", file, "-o", page]);
    expect({ code, stdout }).toEqual({ code: 0, stdout: "" });
    expect(stderr).toMatch(/page\.html is written\. Open it in a browser: file:\/\/\S+\n$/);
    expect(statSync(page).mode & 0o777).toBe(0o600);
    const html = readFileSync(page, "utf8");
    expect(html).toMatch(
      /^<!doctype html>[^]*Content-Security-Policy" content="default-src 'none'; script-src 'sha256-[^]*<\/html>\n$/,
    );
    expect(html.length).toBeLessThan(300_000);
    const again = await cli(["trace", "view", file, "-o", page]);
    expect(again.code).toBe(2);
    expect(again.stderr).toContain("exists. Add --overwrite to replace it");
    expect((await cli(["trace", "view", file, "-o", page, "--overwrite"])).code).toBe(0);
  });

  it("writes nothing where it cannot, and says what it needs", async () => {
    const place = temporaryFolder();
    writeFileSync(place("x.jsonl"), "no\n");
    expect((await cli(["trace", "view", place("x.jsonl"), "-o", place("page.html")])).code).toBe(2);
    expect(existsSync(place("page.html"))).toBe(false);
    const { stderr } = await cli(["trace", "view", place("x.jsonl")]);
    expect(stderr).toContain("trace view needs the file of its page: -o OUT.html.");
  });
});
