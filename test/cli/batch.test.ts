import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { problemsOf } from "../../src/cli/batch/problems.ts";
import { progressLine } from "../../src/cli/batch/progress.ts";
import { problemSeed } from "../../src/run/batch/seed.ts";
import { planned, scriptedEngine, type Script } from "../run/scripted-engine.ts";
import { bundledEngine, cli, interruptedAt, jsonLines, temporaryFolder, type Outside } from "./support.ts";

const bundled = await bundledEngine();

/** Runs a batch of these lines in a folder of its own. */
async function batch(lines: readonly unknown[], outside: Outside, flags: readonly string[] = ["--model", "own.gguf"]) {
  const folder = temporaryFolder();
  const [input, output] = [folder("problems.jsonl"), folder("results.jsonl")];
  const text = lines.map((line) => (typeof line === "string" ? line : JSON.stringify(line))).join("\n");
  writeFileSync(input, `${text}\n`);
  const ran = await cli(["run", "--input", input, "--output", output, ...flags], outside);
  const results = existsSync(output) ? jsonLines(readFileSync(output, "utf8")) : undefined;
  return { ...ran, results, input, output };
}

const echo = (script: (prompt: string) => Script = (text) => ({ text })) =>
  scriptedEngine((context) => script(context));

describe("a batch", () => {
  it("is answered by the bundled model, threads and all, several problems at once", async () => {
    const lines = [
      { id: "two", prompt: "Q: 64*27+14*89\n" },
      { prompt: "Q: 11*11+22*22+33*33\n", note: "what a data set says besides" },
      { id: 7, messages: [{ role: "user", content: "Q: 64*27+14*89" }] },
    ];
    const { code, stderr, results } = await batch(lines, { engine: bundled }, ["--concurrency", "2"]);
    expect(code).toBe(0);
    const answers = Object.fromEntries(results?.map(({ id, content }) => [id, content]) ?? []);
    expect(answers).toEqual({
      two: expect.stringContaining("\\boxed{2974}"),
      2: expect.stringContaining("\\boxed{1694}"),
      7: expect.stringContaining("\\boxed{2974}"),
    });
    expect(stderr).toMatch(
      /^3 problems, 2 at once, with at most \d+ requests at once\n0\/3 done, 1 running\n[^]*3\/3 done\n\d+ tokens generated, \d+ on the critical paths \(1\.\d\d times fewer steps\), 0 retries\n3 of 3 problems done, in .*results\.jsonl\n$/,
    );
    expect(results?.find(({ id }) => id === 2)?.["note"]).toBe("what a data set says besides");
  });

  it("writes each line as it is finished, not in the order of the input", async () => {
    const engine = echo((prompt) => ({ text: prompt === "slow" ? ".".repeat(50) : "quick" }));
    const { results } = await batch(
      [
        { id: "a", prompt: "slow" },
        { id: "b", prompt: "quick" },
      ],
      { engine },
    );
    expect(results?.map(({ id }) => id)).toEqual(["b", "a"]);
  });

  it("runs no more at once than it may", async () => {
    const engine = echo();
    await batch(
      Array.from({ length: 9 }, () => ({ prompt: "x" })),
      { engine },
      ["--model", "own.gguf", "--concurrency", "3"],
    );
    expect(engine.mostAtOnce()).toBe(3);
  });

  it("goes on when a problem fails, says why in its line, and exits with 1", async () => {
    const engine = echo((prompt) => ({ text: prompt, after: prompt === "bad" ? "break" : "eos" }));
    const { code, stderr, results } = await batch([{ prompt: "good" }, { prompt: "bad" }, { prompt: "<Thread>" }], {
      engine,
    });
    expect(code).toBe(1);
    expect(results).toContainEqual({
      id: 2,
      error: { code: "engine_failed", message: expect.stringMatching(/^the connection was closed\./) as string },
      partial: expect.objectContaining({ text: "bad" }),
      batch: expect.anything(),
    });
    expect(results).toContainEqual({
      id: 3,
      error: { code: "invalid_prompt", message: expect.stringContaining("--special-in-prompt") as string },
      batch: expect.anything(),
    });
    expect(results?.find(({ id }) => id === 1)).toMatchObject({ text: "good" });
    expect(stderr).toMatch(
      /1 of 3 problems done, 2 failed, in .*: see .*\. The same command with --resume runs what is missing\./,
    );
  });

  it("reports bad lines by number, makes error lines of them, and runs the others", async () => {
    const lines = [
      "{nope",
      "",
      { id: "shape", text: "x" },
      { prompt: "good" },
      { id: "both", prompt: "x", messages: [] },
    ];
    const { code, stderr, results, input } = await batch(lines, { engine: echo() });
    expect(code).toBe(1);
    expect(results?.map(({ id, error }) => [id, (error as { code: string } | undefined)?.code])).toEqual(
      expect.arrayContaining([
        [1, "invalid_prompt"],
        ["shape", "invalid_prompt"],
        [4, undefined],
        ["both", "invalid_prompt"],
      ]),
    );
    expect(stderr).toContain(`${input}:1: not JSON`);
    expect(stderr).toContain(`${input}:3: a line has a prompt, messages or promptIds`);
    expect(stderr).toContain(`${input}:5: `);
  });

  it("compares both modes for each problem where it is asked to", async () => {
    const { results } = await batch([{ prompt: "x" }], { engine: echo() }, ["--model", "m", "--mode", "compare"]);
    expect(results).toEqual([
      {
        id: 1,
        forkJoin: expect.anything(),
        sequential: expect.anything(),
        speedUp: expect.anything(),
        equal: true,
        batch: expect.objectContaining({ mode: "compare", temperature: 0 }),
      },
    ]);
  });

  it("keeps finished lines at Ctrl-C, writes none for what was running, and exits with 130", async () => {
    const scripted = echo((prompt) => ({ text: prompt, after: prompt === "hang" ? "hang" : "eos" }));
    const { engine, signal } = interruptedAt("hang", scripted);
    const lines = [{ prompt: "a" }, { prompt: "b" }, { prompt: "hang" }, { prompt: "never" }];
    const flags = ["--model", "m", "--concurrency", "1"];
    const { code, results, stderr } = await batch(lines, { engine, signal }, flags);
    expect(code).toBe(130);
    expect(results?.map(({ text }) => text)).toEqual(["a", "b"]);
    expect(stderr).toMatch(/Cancelled\. .*2 of 4 problems done, 2 not run, in /s);
    expect(scripted.requests).toHaveLength(3);
  });

  it("warns once of all prompts that the bundled model does not know", async () => {
    const lines = [{ prompt: "Q: 64*27+14*89\n" }, { prompt: "Q: 64*27+14*89" }, { prompt: "Hi" }];
    const { stderr } = await batch(lines, { engine: bundled }, ["--max-tokens", "2"]);
    expect(stderr.match(/warning/g)).toHaveLength(1);
    expect(stderr).toMatch(/warning: 2 prompts \(line 2 is the first\) /);
  });

  it("gives ids of any JSON form back as they were, and the fields of a line with them", async () => {
    const rows = [
      '{"id":12345678901234567890,"prompt":"a","answer":1.50,"meta":{"n":[1e400,-0]}}',
      '{"id":{"b":1,"a":[null]},"prompt":"b"}',
      '{"id":null,"prompt":"c"}',
      '{"id":"1","prompt":"d","more":"é\\u2028"}',
      '{"id":1,"prompt":"e"}',
    ];
    const { code, output } = await batch(rows, { engine: echo() });
    expect(code).toBe(0);
    const written = readFileSync(output, "utf8").split("\n");
    for (const begin of [
      '{"id":12345678901234567890,"answer":1.50,"meta":{"n":[1e400,-0]},"text":"a"',
      '{"id":{"b":1,"a":[null]},"text":"b"',
      '{"id":null,"text":"c"',
      '{"id":"1","more":"é\u2028","text":"d"',
      '{"id":1,"text":"e"',
    ]) {
      expect(written.filter((line) => line.startsWith(begin))).toHaveLength(1);
    }
  });

  it("keeps fields apart that a result has, too", async () => {
    const { results } = await batch([{ prompt: "x", text: "mine", error: 3, input: "in", other: 1 }], {
      engine: echo(),
    });
    expect(results).toMatchObject([{ text: "x", other: 1, input: { text: "mine", error: 3, input: "in" } }]);
    expect(results?.[0]).not.toHaveProperty("error");
  });

  it("makes several runs of each problem, with seeds that follow from the id and the number of the run", async () => {
    const { results, stderr } = await batch(
      [{ id: "a", prompt: "x" }, { prompt: "y" }, { prompt: "" }],
      { engine: echo() },
      ["--model", "m", "--samples", "2", "--seed", "7"],
    );
    expect(results?.map(({ id, sample, seed }) => [id, sample, seed])).toEqual(
      expect.arrayContaining([
        ["a", 0, problemSeed(7, '"a"', 0)],
        ["a", 1, problemSeed(7, '"a"', 1)],
        [2, 0, problemSeed(7, "2", 0)],
        [2, 1, problemSeed(7, "2", 1)],
      ]),
    );
    expect(stderr).toMatch(/4 of 5 runs done, 1 failed/);
  });

  it("reads stdin and writes to stdout", async () => {
    const stdin = '{"id":"a","prompt":"x"}\nnope\n{"id":"a","prompt":"y"}\n{"id":"b","prompt":"z"}';
    const { code, stdout, stderr } = await cli(["run", "--input", "-", "--output", "-", "--model", "m"], {
      engine: echo(),
      stdin,
    });
    expect(code).toBe(1);
    expect(
      jsonLines(stdout).map(({ id, text, error }) => [id, text, (error as { message: string } | undefined)?.message]),
    ).toEqual(
      expect.arrayContaining([
        ["a", "x", undefined],
        [2, undefined, expect.stringMatching(/^not JSON/)],
        ["a", undefined, 'the same id "a" as line 1'],
        ["b", "z", undefined],
      ]),
    );
    expect(stderr).toContain("warning: stdin:2: not JSON");
    expect(stderr).toMatch(/2 of 4 problems done, 2 failed, in [^:]*\n$/);
    expect(existsSync("-")).toBe(false);
  });

  it("runs lines of OpenAI's form, each with its own options, and says where they name another model", async () => {
    const row = (custom_id: string, max_tokens: number) => ({
      custom_id,
      method: "POST",
      url: "/v1/chat/completions",
      body: { model: "gpt", messages: [{ role: "user", content: "abcdef" }], max_tokens },
    });
    const { results, stderr } = await batch([row("x", 2), row("y", 3)], { engine: echo() });
    expect(results?.map(({ custom_id, text }) => [custom_id, text])).toEqual([
      ["x", "ab"],
      ["y", "abc"],
    ]);
    expect(stderr.match(/names the model gpt; what answers here is script/g)).toHaveLength(1);
  });

  it("leaves the tree out unless it is asked for, also of what failed", async () => {
    const lines = [{ prompt: "good" }, { prompt: "bad" }];
    const engine = () => echo((text) => ({ text, after: text === "bad" ? "break" : "eos" }));
    const trees = async (...flags: string[]) => {
      const { results } = await batch(lines, { engine: engine() }, ["--model", "m", ...flags]);
      return results?.map(({ tree, partial }) => [tree, (partial as { tree?: unknown } | undefined)?.tree]);
    };
    expect((await trees())?.flat()).toEqual([undefined, undefined, undefined, undefined]);
    expect((await trees("--tree"))?.flat().filter((tree) => tree !== undefined)).toHaveLength(2);
  });

  it("prints means of a comparison, and seconds only where each run had the engine for itself", async () => {
    const lines = [{ prompt: "ab" }, { prompt: "abcd" }];
    const alone = await batch(lines, { engine: echo() }, ["--model", "m", "--mode", "compare"]);
    expect(alone.stderr).toMatch(
      /Means of 2 problems:\n +tokens in all +on the critical path +seconds\nsequential +4\.0 +4\.0 +\d+\.\d\d\nfork-join +4\.0 +4\.0 +\d+\.\d\d\ngain +1\.00x +[\d.]+x\n2 of 2 gave the same text with and without forks\.\n/,
    );
    const beside = await batch(lines, { engine: echo() }, ["--model", "m", "--mode", "compare", "--concurrency", "2"]);
    expect(beside.stderr).toContain("Seconds are compared at --concurrency 1 only.");
    expect(beside.stderr).not.toMatch(/critical path +seconds/);
  });

  it("says how many requests it makes at once, and makes no more", async () => {
    const engine = scriptedEngine(planned({ "1": { text: "a</Thread>" }, "2": { text: "b</Thread>" } }));
    const flags = ["--model", "m", "--concurrency", "5", "--requests", "2"];
    const { stderr } = await batch(
      Array.from({ length: 9 }, () => ({ prompt: "Q" })),
      { engine },
      flags,
    );
    expect(stderr).toContain("9 problems, 5 at once, with at most 2 requests at once");
    expect(engine.mostAtOnce()).toBe(2);
    const wide = await batch([{ prompt: "Q" }], { engine }, ["--model", "m", "--concurrency", "150"]);
    expect(wide.stderr).toContain("with at most 150 requests at once");
  });

  it("stops after some failures in a row, says so, and leaves the rest undone", async () => {
    const engine = echo(() => ({ text: "x", after: "break" }));
    const flags = ["--model", "m", "--concurrency", "1", "--stop-after", "2"];
    const lines = Array.from({ length: 9 }, () => ({ prompt: "x" }));
    const { code, stderr, results } = await batch(lines, { engine }, flags);
    expect(code).toBe(1);
    expect(results).toHaveLength(2);
    expect(stderr).toMatch(
      /0 of 9 problems done, 2 failed, 7 not run, in .*\nthreadweaver: The batch was stopped after 2 failures in a row, .*the connection was closed\./,
    );
  });

  it("shows its progress in place on a terminal", async () => {
    const { stderr } = await batch([{ prompt: "a" }, { prompt: "b" }], { engine: echo(), isTTY: true });
    expect(stderr).toContain("0/2 done, 1 running");
    expect(stderr).toContain("2/2 done");
  });
});

describe("a batch that cannot be run", () => {
  it("has equal ids: both lines are named", async () => {
    const lines = [{ id: "a", prompt: "x" }, { id: 3, prompt: "x" }, { prompt: "x" }];
    const { code, stderr, opened, results } = await batch(lines, {});
    expect({ code, opened, results }).toEqual({ code: 2, opened: [], results: undefined });
    expect(stderr).toMatch(/lines 2 and 3 have the same id 3,/);
  });

  it("would write over results, unless it may", async () => {
    const { input, output } = await batch([{ prompt: "old" }], { engine: echo() });
    const args = ["run", "--input", input, "--output", output, "--model", "m"];
    expect(await cli(args)).toMatchObject({ code: 2, opened: [], stderr: expect.stringContaining("--overwrite") });
    writeFileSync(input, '{"prompt":"new"}');
    expect(await cli([...args, "--overwrite"], { engine: echo() })).toMatchObject({ code: 0 });
    expect(jsonLines(readFileSync(output, "utf8"))).toMatchObject([{ id: 1, text: "new" }]);
  });

  it("has lines that are all wrong: the first is told", async () => {
    const { code, stderr, opened } = await batch(["[", '  {"prompt": "x"},', "]"], {});
    expect({ code, opened }).toEqual({ code: 2, opened: [] });
    expect(stderr).toMatch(
      /None of its 3 lines can be run \(line 1: not JSON: .*\)\. A line is one JSON object such as/,
    );
  });

  it("has thousands of wrong lines: twenty are told, and how many more there are", async () => {
    const lines = [{ prompt: "x" }, ...Array.from({ length: 5000 }, () => "nope")];
    const { stderr } = await batch(lines, { engine: echo() });
    expect(stderr.match(/: not JSON/g)).toHaveLength(20);
    expect(stderr).toContain("4980 more lines cannot be run");
  });

  it("has no problems", async () => {
    const { code, stderr } = await batch(["", "  "], {});
    expect(code).toBe(2);
    expect(stderr).toContain("holds no problems");
  });

  it.each([
    [
      "an input that is not there",
      ["--input", "none.jsonl", "--output", "o"],
      "none.jsonl cannot be read: there is no such",
    ],
    ["a folder as its input", ["--input", ".", "--output", "o"], ". cannot be read: it is a folder."],
    ["no output", ["--input", "i"], "--input needs --output"],
    ["no input", ["--output", "o"], "--output needs --input"],
    ["a prompt besides", ["x", "--input", "i", "--output", "o"], "exclude each other"],
    ["one file for both", ["--input", "i", "--output", "./i"], "are the same file"],
    ["JSON asked for", ["--input", "i", "--output", "o", "--json"], "--json is for one prompt"],
    ["a trace asked for", ["--input", "i", "--output", "o", "--trace", "t"], "--trace records one run"],
  ])("has %s", async (_, args, message) => {
    const { code, stderr, opened } = await cli(["run", ...args]);
    expect({ code, opened }).toEqual({ code: 2, opened: [] });
    expect(stderr).toContain(message);
  });

  it("has nowhere to write to", async () => {
    const { input } = await batch([{ prompt: "x" }], { engine: echo() });
    const { code, stderr, opened } = await cli(["run", "--input", input, "--output", "/none/results.jsonl"]);
    expect({ code, opened }).toEqual({ code: 2, opened: [] });
    expect(stderr).toContain("/none/results.jsonl cannot be written");
  });
});

describe("the lines of a file of problems", () => {
  async function parse(text: string | Uint8Array) {
    async function* chunks() {
      // In two parts, so that a line may be torn.
      const bytes = Buffer.from(text);
      yield bytes.subarray(0, 5);
      yield bytes.subarray(5);
    }
    const problems = [];
    for await (const problem of problemsOf(chunks())) problems.push(problem);
    return problems;
  }

  it("are counted from 1, blank ones too", async () => {
    expect(await parse('\n{"prompt":"a"}\r\n\n{"prompt":"b"}')).toMatchObject([
      { line: 2, id: 2, input: { prompt: "a" } },
      { line: 4, id: 4, input: { prompt: "b" } },
    ]);
  });

  it("keep every character of a prompt", async () => {
    const given = "  é\u2028\u0000 </Thread>\n";
    expect(await parse(JSON.stringify({ prompt: given }))).toMatchObject([{ input: { prompt: given } }]);
  });

  it("may begin with a byte order mark", async () => {
    expect(await parse('\uFEFF{"prompt":"a"}')).toMatchObject([{ input: { prompt: "a" } }]);
  });

  it("that are not UTF-8 spoil no other", async () => {
    const bytes = Buffer.concat([Buffer.from([0xff, 10]), Buffer.from('{"prompt":"a"}')]);
    expect(await parse(bytes)).toMatchObject([{ line: 1, mistake: "not UTF-8" }, { input: { prompt: "a" } }]);
  });

  it("may be of OpenAI's batch form", async () => {
    const body = {
      model: "m",
      messages: [{ role: "user", content: "Hi" }],
      max_tokens: 9,
      temperature: 0.5,
      stop: null,
    };
    const lines = [
      { custom_id: "r-1", method: "POST", url: "/v1/chat/completions", body },
      { custom_id: "r-2", body: { prompt: "Hi", max_completion_tokens: 3, top_p: 0.9, seed: 4, stop: ["x"] } },
    ];
    expect(await parse(lines.map((line) => JSON.stringify(line)).join("\n"))).toEqual([
      {
        line: 1,
        id: "r-1",
        fields: { custom_id: "r-1" },
        model: "m",
        input: { messages: body.messages },
        options: { maxTokens: 9, temperature: 0.5 },
      },
      {
        line: 2,
        id: "r-2",
        fields: { custom_id: "r-2" },
        model: undefined,
        input: { prompt: "Hi" },
        options: { maxTokens: 3, topP: 0.9, seed: 4, stop: ["x"] },
      },
    ]);
  });

  it.each([
    ["[]", "an object was expected, not a list"],
    ["1.0", "an object was expected, not a number"],
    ['{"prompt":""}', "prompt is empty"],
    ['{"prompt":3}', "prompt is text"],
    ['{"prompt":"x","promptIds":[1]}', "one of them"],
    ['{"messages":[{"role":"user"}]}', "messages[0].content is undefined"],
    ['{"custom_id":"a","body":{"messages":[1],"tools":[]}}', "tools: no option of a run is like this"],
    ['{"custom_id":"a","body":{"prompt":"x","n":3}}', "n is 1 here: --samples makes more"],
    ['{"custom_id":"a","url":"/v1/embeddings","body":{"prompt":"x"}}', "url is /v1/chat/completions or"],
    ['{"custom_id":"a","body":{}}', "a body has a prompt or messages"],
  ])("are told what is wrong with %s", async (line, mistake) => {
    expect(await parse(line)).toMatchObject([{ line: 1, mistake: expect.stringContaining(mistake) as string }]);
  });
});

describe("the progress of a batch", () => {
  it("says how long it will still take at the pace so far", () => {
    const counts = { total: 10, over: 4, failed: 1, running: 2, elapsedMs: 8000 };
    expect(progressLine(counts)).toBe("4/10 done, 1 failed, 2 running, about 12 s left");
  });

  it("does not guess before the first is done, nor after the last", () => {
    expect(progressLine({ total: 3, over: 0, failed: 0, running: 2, elapsedMs: 50 })).toBe("0/3 done, 2 running");
    expect(progressLine({ total: 3, over: 3, failed: 0, running: 0, elapsedMs: 50 })).toBe("3/3 done");
  });
});
