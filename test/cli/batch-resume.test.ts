import { existsSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { threadweaver } from "../../src/core/dialects/bundled/threadweaver.ts";
import { dialectData } from "../../src/core/dialects/dialect.ts";
import type { Engine } from "../../src/engine/engine.ts";
import { problemSeed } from "../../src/run/batch/seed.ts";
import { scriptedEngine, type Script } from "../run/scripted-engine.ts";
import { cli, jsonLines, temporaryFolder, type Outside } from "./support.ts";

const echo = (script: (prompt: string) => Script = (text) => ({ text })) => scriptedEngine(script);
const failing = (bad: string) => echo((text) => ({ text, after: text === bad ? "break" : "eos" }));
const lines = ["a", "b", "c"].map((prompt) => ({ id: prompt, prompt }));

/** A folder with an input, and a program that runs it again and again. */
function place(given: readonly unknown[] = lines) {
  const file = temporaryFolder();
  const [input, output] = [file("problems.jsonl"), file("results.jsonl")];
  const put = (rows: readonly unknown[]) =>
    writeFileSync(input, rows.map((row) => `${JSON.stringify(row)}\n`).join(""));
  put(given);
  return {
    file,
    input,
    output,
    put,
    run: (engine: Engine | undefined, ...flags: string[]) => {
      const outside: Outside = engine === undefined ? {} : { engine };
      const args = ["run", "--input", input, "--output", output, "--model", "m", "--concurrency", "1", ...flags];
      return cli(args, outside);
    },
    text: () => readFileSync(output, "utf8"),
    results: () => jsonLines(readFileSync(output, "utf8")),
  };
}

const idsAndTexts = (results: Record<string, unknown>[]) =>
  results.map(({ id, text }) => `${String(id)}: ${String(text)}`).toSorted();
const all = lines.map(({ id, prompt }) => `${id}: ${prompt}`);

describe("a batch with --resume", () => {
  it("runs what failed, keeps what is good, and has every problem once", async () => {
    const { run, results } = place();
    expect(await run(failing("b"))).toMatchObject({ code: 1 });
    const engine = echo();
    const { code, stderr } = await run(engine, "--resume");
    expect(code).toBe(0);
    expect(engine.requests).toHaveLength(1);
    expect(idsAndTexts(results())).toEqual(all);
    expect(stderr).toContain("1 problem (2 are there), 1 at once");
    expect(stderr).toContain("3 of 3 problems done (2 of them before), in ");
  });

  it("does not go on where a dialect of one's own says something else now", async () => {
    const { run, file } = place();
    const own = { ...dialectData(threadweaver), name: "mine" };
    const [path, args] = [file("mine.json"), ["--dialect", file("mine.json")]];
    writeFileSync(path, JSON.stringify(own));
    await run(failing("b"), ...args);
    expect(await run(failing("b"), "--resume", ...args)).toMatchObject({ code: 1 });
    writeFileSync(path, JSON.stringify({ ...own, summary: "Another one." }));
    const { code, stderr } = await run(echo(), "--resume", ...args);
    expect(code).toBe(2);
    expect(stderr).toMatch(/dialect was "mine \d+ [0-9a-f]{12}" and is "mine \d+ [0-9a-f]{12}"/);
  });

  it("drops a last line that is torn, and runs that problem again", async () => {
    const { run, output, text, results } = place();
    await run(echo());
    const whole = text();
    for (const cut of [1, 10, whole.split("\n")[2]?.length ?? 0]) {
      writeFileSync(output, whole.slice(0, -cut));
      const engine = echo();
      expect(await run(engine, "--resume")).toMatchObject({ code: 0 });
      expect(engine.requests).toHaveLength(1);
      expect(idsAndTexts(results())).toEqual(all);
    }
  });

  it("begins where there are no results yet, and needs no engine where nothing is missing", async () => {
    const { run, results, text } = place();
    expect(await run(echo(), "--resume")).toMatchObject({ code: 0 });
    expect(idsAndTexts(results())).toEqual(all);
    const before = text();
    expect(await run(undefined, "--resume")).toMatchObject({
      code: 0,
      opened: [],
      stderr: expect.stringContaining("All 3 results are in") as string,
    });
    expect(text()).toBe(before);
  });

  it("takes problems that were added since, wherever they stand", async () => {
    const { run, put, results } = place();
    await run(echo());
    put([{ id: "new", prompt: "n" }, ...lines]);
    expect(await run(echo(), "--resume")).toMatchObject({ code: 0 });
    expect(idsAndTexts(results())).toEqual([...all, "new: n"]);
  });

  it("goes on with the seed of its results, so that every problem has the seed it would have had", async () => {
    const { run, results } = place();
    await run(failing("c"), "--seed", "5");
    await run(echo(), "--resume");
    expect(Object.fromEntries(results().map(({ id, seed }) => [id, seed]))).toEqual(
      Object.fromEntries(lines.map(({ id }) => [id, problemSeed(5, JSON.stringify(id), 0)])),
    );
  });

  it("adds samples to those that are there", async () => {
    const { run, results } = place();
    await run(echo(), "--seed", "5");
    const engine = echo();
    await run(engine, "--resume", "--samples", "3");
    expect(engine.requests).toHaveLength(6);
    const found = results().map(({ id, sample = 0, seed }) => `${String(id)} ${String(sample)} ${String(seed)}`);
    expect(found.toSorted()).toEqual(
      lines.flatMap(({ id }) => [0, 1, 2].map((n) => `${id} ${n} ${problemSeed(5, JSON.stringify(id), n)}`)),
    );
  });

  it("keeps one of two equal results, and goes through a link to the file", async () => {
    const { run, file, output, text, results } = place();
    await run(echo());
    writeFileSync(file("real.jsonl"), text() + text());
    const linked = place();
    symlinkSync(file("real.jsonl"), linked.output);
    linked.put([...lines, { id: "d", prompt: "d" }]);
    expect(await linked.run(echo(), "--resume")).toMatchObject({ code: 0 });
    expect(idsAndTexts(linked.results())).toEqual([...all, "d: d"]);
    expect(readFileSync(file("real.jsonl"), "utf8")).toBe(linked.text());
    expect(idsAndTexts(results())).toEqual(all);
    expect(existsSync(`${output}.new`)).toBe(false);
  });

  it("compares what has not been compared", async () => {
    const { run, results } = place();
    await run(failing("b"), "--mode", "compare");
    expect(results().filter(({ error }) => error !== undefined)).toHaveLength(1);
    expect(await run(echo(), "--mode", "compare", "--resume")).toMatchObject({ code: 0 });
    expect(
      results()
        .map(({ id, equal }) => `${String(id)} ${String(equal)}`)
        .toSorted(),
    ).toEqual(lines.map(({ id }) => `${id} true`));
  });

  it("tries lines again that could not be run", async () => {
    const { run, put, results } = place([lines[0], { id: "b", prompt: "" }, lines[2]]);
    expect(await run(echo())).toMatchObject({ code: 1 });
    put(lines);
    expect(await run(echo(), "--resume")).toMatchObject({ code: 0 });
    expect(idsAndTexts(results())).toEqual(all);
  });
});

describe("results that --resume refuses to go on with", () => {
  const refused: [string, (at: ReturnType<typeof place>) => string[], RegExp][] = [
    ["were made with other options", () => ["--temperature", "0.5"], /temperature was not set and is 0\.5/],
    ["were made in another mode", () => ["--mode", "sequential"], /mode was "fork-join" and is "sequential"/],
    ["were made with another seed", () => ["--seed", "9"], /seed was \d+ and is 9\. Use the same options as before/],
    [
      "answer another problem of the same id",
      ({ put }) => (put([lines[0], { id: "b", prompt: "other" }, lines[2]]), []),
      /problems\.jsonl:2: .*results\.jsonl:2 answers another problem with the id "b"\. Give/,
    ],
    [
      "answer a problem that is not in the input",
      ({ put }) => (put(lines.slice(1)), []),
      /results\.jsonl:1 answers "a", and .*problems\.jsonl has no such problem/,
    ],
    [
      "are none",
      ({ output }) => (writeFileSync(output, '{"id":"a","text":"x"}\n'), []),
      /results\.jsonl:1 is no line of results/,
    ],
    [
      "are no JSON in the middle",
      ({ output, text }) => (writeFileSync(output, `oops\n${text()}`), []),
      /results\.jsonl:1 is no line of results/,
    ],
  ];

  it.each(refused)("since they %s", async (_, change, message) => {
    const at = place();
    await at.run(failing("c"));
    const flags = change(at);
    const before = at.text();
    const { code, stderr } = await at.run(echo(), "--resume", ...flags);
    expect(stderr).toMatch(message);
    expect({ code, text: at.text() }).toEqual({ code: 2, text: before });
  });

  it("since problems without an id are named by their line, which says so", async () => {
    const at = place([{ prompt: "a" }, { prompt: "b" }]);
    await at.run(echo());
    at.put([{ prompt: "new" }, { prompt: "a" }, { prompt: "b" }]);
    const { code, stderr } = await at.run(echo(), "--resume");
    expect(code).toBe(2);
    expect(stderr).toContain("A problem without an id is named by its line: give each one an id.");
  });

  it.each([
    [["--resume", "--overwrite"], "--resume and --overwrite exclude each other"],
    [["--resume", "--output", "-"], "--resume needs an --output that can be read"],
    [["--resume", "--input", "-"], "--resume needs an --input that can be read twice"],
  ])("with %j", async (flags, message) => {
    const { code, stderr, opened } = await place().run(undefined, ...flags);
    expect({ code, opened }).toEqual({ code: 2, opened: [] });
    expect(stderr).toContain(message);
  });
});
