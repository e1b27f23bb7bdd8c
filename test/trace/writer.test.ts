import { chmodSync, existsSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { threadweaver } from "../../src/core/dialects/bundled/index.ts";
import type { Input } from "../../src/core/machine/protocol.ts";
import type { RunOptions } from "../../src/run/options.ts";
import type { RunEnd, RunHeader } from "../../src/run/recorder.ts";
import { createRunner } from "../../src/run/runner.ts";
import { LineWriter } from "../../src/trace/line-writer.ts";
import { openNew } from "../../src/trace/open-file.ts";
import { readTrace } from "../../src/trace/reader.ts";
import { replayTrace } from "../../src/trace/replay.ts";
import { createTrace, type TraceOptions } from "../../src/trace/writer.ts";
import { planned, scriptedEngine } from "../run/scripted-engine.ts";
import { failure, Memory, outcome, temporaryFolder } from "./support.ts";

const two = planned({ "1": { text: " odd.\n</Thread>" }, "2": { text: " even.\n</Thread>" } });

async function traced(path: string, options: TraceOptions = {}, runOptions: RunOptions = {}) {
  const recorder = createTrace(path, options);
  const runner = createRunner({ engine: scriptedEngine(two), dialect: threadweaver });
  const ended = await outcome(runner.run({ prompt: "My secret prompt" }, { ...runOptions, recorder }).result);
  return { ...ended, closing: recorder.close() };
}

const lines = (path: string): string[] => readFileSync(path, "utf8").split("\n").slice(0, -1);
const isFull = existsSync("/dev/full");

describe("a trace", () => {
  it("is a header, every input, and an end, a line each", async () => {
    const path = temporaryFolder()("trace.jsonl");
    const memory = new Memory();
    const trace = createTrace(path);
    const recorder = {
      begin: (header: RunHeader) => trace.begin(header),
      input(input: Input) {
        memory.input(input);
        trace.input(input);
      },
      end: (end: RunEnd) => trace.end(end),
    };
    await createRunner({ engine: scriptedEngine(two), dialect: threadweaver }).run(
      { prompt: "Q" },
      { recorder, seed: 3 },
    ).result;
    await trace.close();
    const [first = "", ...rest] = lines(path);
    expect(first).toMatch(/^\{"trace":1,"content":"all","version":1,"protocol":1,/);
    expect(JSON.parse(first)).toMatchObject({
      seed: 3,
      dialect: { name: "threadweaver" },
      engine: { model: "script" },
    });
    expect(rest.at(-1)).toMatch(/^\{"t":"end","result":\{"wallMs":/);
    const read = await readTrace(path);
    expect(read).toMatchObject({ torn: false, content: "all", end: { t: "end" }, size: statSync(path).size });
    expect(read.inputs).toEqual(memory.inputs);
    expect(rest).toHaveLength(memory.inputs.length + 1);
  });

  it.each([0o022, 0o777, 0o000])("can be read by its owner only, where the process's mask is %o", async (mask) => {
    const path = temporaryFolder()("trace.jsonl");
    const before = process.umask(mask);
    try {
      await (
        await traced(path)
      ).closing;
    } finally {
      process.umask(before);
    }
    expect(statSync(path).mode & 0o777).toBe(0o600);
  });

  it("replaces a file only where it may, only when its run begins, and then for its owner alone", async () => {
    const path = temporaryFolder()("trace.jsonl");
    writeFileSync(path, "mine");
    chmodSync(path, 0o644);
    expect(() => createTrace(path)).toThrow(`${path} exists.`);
    const unused = createTrace(path, { overwrite: true });
    await unused.close();
    expect([readFileSync(path, "utf8"), statSync(path).mode & 0o777]).toEqual(["mine", 0o644]);
    await (
      await traced(path, { overwrite: true })
    ).closing;
    expect((await readTrace(path)).end).toBeDefined();
    expect(statSync(path).mode & 0o777).toBe(0o600);
  });

  it("leaves no file behind where its run never began", async () => {
    const path = temporaryFolder()("trace.jsonl");
    await createTrace(path).close();
    expect(existsSync(path)).toBe(false);
    const recorder = createTrace(path);
    const run = createRunner({ engine: scriptedEngine(two), dialect: threadweaver }).run({ prompt: "" }, { recorder });
    expect((await failure(run.result)).code).toBe("invalid_prompt");
    await recorder.close();
    expect(existsSync(path)).toBe(false);
  });

  it("takes one run only, and none after it was closed", async () => {
    const path = temporaryFolder()("trace.jsonl");
    const recorder = createTrace(path);
    const runner = createRunner({ engine: scriptedEngine(two), dialect: threadweaver });
    await runner.run({ prompt: "Q" }, { recorder }).result;
    const second = await runner.run({ prompt: "Q" }, { recorder }).result;
    expect(second.warnings).toEqual([
      { code: "recorder-failed", message: expect.stringContaining("a trace records one") as string, threadId: "" },
    ]);
    await recorder.close();
    expect(replayTrace(await readTrace(path)).proof).toBe("equal");
    expect(() => recorder.input({ t: "time", at: 1 })).toThrow(`${path} is closed.`);
  });

  it.runIf(isFull)("ends with a warning when the disk is full, and the run goes on", async () => {
    const { result, closing } = await traced("/dev/full", { overwrite: true });
    expect(result?.text).toContain("so it is");
    expect(result?.warnings).toEqual([
      {
        code: "recorder-failed",
        message: "recorder threw, and is not called again: /dev/full cannot be written: the disk is full.",
        threadId: "",
      },
    ]);
    await closing; // the run was told
  });

  it.runIf(isFull)("tells whoever closes it of an error that its run was not told of", async () => {
    const recorder = createTrace("/dev/full", { overwrite: true });
    recorder.begin({ stop: [] } as unknown as RunHeader);
    expect(await failure(recorder.close())).toMatchObject({
      code: "file",
      message: "/dev/full cannot be written: the disk is full.",
    });
  });

  it.each([
    ["a folder", "", /is a folder|cannot be written/],
    ["a folder that is not there", "none/trace.jsonl", /cannot be written: there is no such file or folder/],
  ])("refuses %s at once", (_, name, message) => {
    expect(() => createTrace(temporaryFolder()(name), { overwrite: true })).toThrow(message);
    expect(() => createTrace("x", { texts: false } as TraceOptions)).toThrow("there is no option texts");
  });
});

describe("lines", () => {
  it("that come in one turn of the event loop are one write, in order", async () => {
    const path = temporaryFolder()("lines");
    const writer = new LineWriter(openNew(path, { overwrite: false }));
    for (let n = 0; n < 1_000; n += 1) writer.write(`${n}`);
    expect(statSync(path).size).toBe(0);
    await new Promise((resolve) => void setImmediate(resolve));
    writer.write("later");
    await writer.close();
    expect(lines(path)).toEqual([...Array.from({ length: 1_000 }, (_, n) => `${n}`), "later"]);
  });

  it("are written at once where too many wait, and stay in order", async () => {
    const path = temporaryFolder()("lines");
    const writer = new LineWriter(openNew(path, { overwrite: false }));
    const long = "x".repeat(2 ** 16);
    const expected: string[] = [];
    for (let n = 0; n < 100; n += 1) {
      writer.write(`${n}${long}`);
      expected.push(`${n}${long}`);
      // Sometimes a write is under way.
      if (n % 9 === 0) await new Promise((resolve) => void setImmediate(resolve));
      expect(n * 2 ** 16 - statSync(path).size).toBeLessThan(2 ** 21 + 2 ** 17);
    }
    await writer.close();
    expect(lines(path)).toEqual(expected);
  });

  it("of many files are all written, whichever turn each of them gets", async () => {
    const file = temporaryFolder();
    const writers = Array.from({ length: 300 }, (_, n) => new LineWriter(openNew(file(`${n}`), { overwrite: false })));
    for (let n = 0; n < 20; n += 1) {
      for (const writer of writers) writer.write(`${n}`);
      await new Promise((resolve) => void setImmediate(resolve));
    }
    await Promise.all(writers.map((writer) => writer.close()));
    const expected = Array.from({ length: 20 }, (_, n) => `${n}`);
    for (let n = 0; n < 300; n += 1) expect(lines(file(`${n}`))).toEqual(expected);
  });

  it("that still wait when the process ends are written then", async () => {
    const path = temporaryFolder()("lines");
    const before = new Set(process.listeners("exit"));
    const writer = new LineWriter(openNew(path, { overwrite: false }));
    const [atExit, ...others] = process.listeners("exit").filter((listener) => !before.has(listener));
    expect(others).toEqual([]);
    writer.write("last words");
    atExit?.(0);
    expect(lines(path)).toEqual(["last words"]);
    await writer.close();
  });

  it("go into a device, too, which has no places", async () => {
    const writer = new LineWriter(openNew("/dev/null", { overwrite: true }));
    writer.write("gone");
    await writer.close();
  });
});

describe("a trace without text", () => {
  const secret = /secret|odd|even|so it is|My/;

  it("has neither texts nor ids nor metadata, but counts and times, and cannot be replayed", async () => {
    const path = temporaryFolder()("trace.jsonl");
    const { result, closing } = await traced(
      path,
      { text: false },
      { metadata: { user: "My secret name" }, stop: "My stop", logprobs: { top: 2 } },
    );
    await closing;
    const inputs = lines(path);
    for (const line of inputs) expect(line).not.toMatch(secret);
    for (const line of inputs.slice(1))
      expect(line).not.toMatch(/"(ids|texts|text|promptIds|logprobs|sha256|message)"/);
    const read = await readTrace(path);
    expect(read).toMatchObject({
      content: "none",
      inputs: [],
      end: { result: { tokens: { generated: result?.tokens.generated } } },
    });
    const pieces = inputs
      .map((line) => JSON.parse(line) as { t: string; tokens: number })
      .filter(({ t }) => t === "pieces");
    expect(pieces.reduce((sum, { tokens }) => sum + tokens, 0)).toBe(result?.tokens.generated);
    expect(() => replayTrace(read)).toThrow(
      `The run in ${path} cannot be replayed, because it was written without text.`,
    );
  });

  it("keeps error messages to itself", async () => {
    const path = temporaryFolder()("trace.jsonl");
    const recorder = createTrace(path, { text: false });
    const engine = scriptedEngine(() => ({ text: "odd", after: "break" }));
    const run = createRunner({ engine, dialect: threadweaver }).run({ prompt: "Q" }, { recorder, retry: false });
    expect((await failure(run.result)).message).toContain("the connection was closed");
    await recorder.close();
    expect(readFileSync(path, "utf8")).not.toContain("connection");
    expect((await readTrace(path)).end).toMatchObject({
      error: { code: "engine_failed" },
      result: { ending: { kind: "failed" } },
    });
  });

  it("may have texts as a function writes them, without ids", async () => {
    const path = temporaryFolder()("trace.jsonl");
    const seen: string[] = [];
    const redact = (text: string): string => (seen.push(text), text.replaceAll(/[a-z]/g, "#"));
    await (
      await traced(path, { redact }, { metadata: { user: "My secret name" }, stop: "My stop" })
    ).closing;
    const all = lines(path);
    for (const line of all.slice(1)) expect(line).not.toMatch(/"(ids|promptIds|logprobs|sha256)"/);
    expect(all[0]).not.toMatch(secret.source.replace("My", "user"));
    expect(all[0]).toContain('"stop":["M# ####"]');
    expect(all[1]).toContain('"text":"M# ###### ######"');
    expect(seen).toContain("My secret prompt");
    const read = await readTrace(path);
    expect(read).toMatchObject({ content: "redacted", inputs: [] });
    expect(() => replayTrace(read)).toThrow("because its texts were redacted");
  });

  it.each([
    [
      "throws",
      () => {
        throw new Error("no idea");
      },
      "no idea",
    ],
    ["returns no text", () => 5 as unknown as string, "redact must return a string; it returned a number."],
  ])("ends with a warning where that function %s", async (_, redact, message) => {
    const path = temporaryFolder()("trace.jsonl");
    const { result, closing } = await traced(path, { redact });
    await closing;
    expect(result?.warnings).toEqual([
      { code: "recorder-failed", message: expect.stringContaining(message) as string, threadId: "" },
    ]);
  });
});
