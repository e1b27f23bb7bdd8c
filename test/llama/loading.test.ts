import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { llamaEngine } from "../../src/llama/index.ts";
import { defaultThreads } from "../../src/llama/load.ts";
import { isSettled } from "../engine/support.ts";
import { complete, modelPath } from "./support.ts";

const small = { model: modelPath, sequences: 1, contextTokens: 64 };

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "threadweaver-"));
});
afterAll(() => rm(folder, { recursive: true }));

describe("the threads of the llama engine", () => {
  it.each([
    [1, 1, 1],
    [2, 2, 1],
    [8, 8, 7],
    [8, 16, 8],
    [64, 4, 3],
    [0, 2, 1],
  ])("on %i cores with %i hardware threads for this process are %i by default", (cores, available, expected) => {
    expect(defaultThreads(cores, available)).toBe(expected);
  });

  it("are as many as were asked for, more than the default too", async () => {
    for (const threads of [1, 2]) {
      await using engine = await llamaEngine({ ...small, threads });
      expect(engine.threads).toBe(threads);
      expect((await complete(engine, [256, 81], { maxTokens: 2 })).ids).toHaveLength(2);
    }
  });
});

describe("the GPU of the llama engine", () => {
  it("is none by default, and none where auto finds none", async () => {
    await using engine = await llamaEngine(small);
    expect(engine.gpu).toBe(false);
    await using auto = await llamaEngine({ ...small, gpu: "auto" });
    // Whatever this machine has, it generates.
    expect((await complete(auto, [256, 81], { maxTokens: 2 })).ids).toHaveLength(2);
  });

  it("is refused where this platform has no such kind, with what to do", async () => {
    const gpu = process.platform === "darwin" ? "cuda" : "metal";
    await expect(llamaEngine({ ...small, gpu })).rejects.toMatchObject({
      code: "engine_unavailable",
      message: expect.stringContaining(`no binary for ${gpu} that works on ${process.platform}`) as string,
    });
    // The next one can be loaded all the same.
    await (await llamaEngine(small)).close();
  });

  it("is false or a kind that is known", async () => {
    await expect(llamaEngine({ ...small, gpu: true } as never)).rejects.toMatchObject({
      code: "invalid_option",
      message: expect.stringContaining("gpu: false or one of auto, cuda, vulkan, metal") as string,
    });
  });
});

describe("the progress of loading", () => {
  it("rises to 1, and ends before the engine is there", async () => {
    const told: number[] = [];
    await using _ = await llamaEngine({ ...small, onLoadProgress: (fraction) => told.push(fraction) });
    expect(told.length).toBeGreaterThan(1);
    expect(told).toEqual(told.toSorted((a, b) => a - b));
    expect([told.every((fraction) => fraction >= 0), told.at(-1)]).toEqual([true, 1]);
  });

  it("fails a load whose listener throws, with that error", async () => {
    const mistake = new Error("mine");
    let calls = 0;
    const onLoadProgress = (): never => {
      calls += 1;
      throw mistake;
    };
    await expect(llamaEngine({ ...small, onLoadProgress })).rejects.toBe(mistake);
    expect(calls).toBe(1);
    await (await llamaEngine(small)).close();
  });
});

describe("aborting a load", () => {
  it("loads nothing after a signal that was aborted before", async () => {
    const signal = AbortSignal.abort("too late");
    const onLoadProgress = (): never => expect.fail("it loads");
    await expect(llamaEngine({ ...small, signal, onLoadProgress })).rejects.toMatchObject({
      code: "aborted",
      cause: "too late",
    });
  });

  it("settles within one turn of the event loop, at once or while the model is read, and the next load works", async () => {
    for (const when of ["at once", "while it is read"] as const) {
      const controller = new AbortController();
      const reading = Promise.withResolvers<void>();
      const load = llamaEngine({ ...small, signal: controller.signal, onLoadProgress: () => reading.resolve() });
      if (when === "while it is read") await reading.promise;
      controller.abort("enough");
      expect(await isSettled(load)).toBe(true);
      await expect(load).rejects.toMatchObject({ code: "aborted", cause: "enough" });
    }
    await using engine = await llamaEngine(small);
    expect((await complete(engine, [256, 81], { maxTokens: 2 })).ids).toHaveLength(2);
  });

  it("keeps a load of another engine from nothing", async () => {
    const controller = new AbortController();
    const aborted = llamaEngine({ ...small, signal: controller.signal });
    const other = llamaEngine(small);
    controller.abort();
    await expect(aborted).rejects.toMatchObject({ code: "aborted" });
    await (await other).close();
  });

  it("does nothing to an engine that is loaded", async () => {
    const controller = new AbortController();
    await using engine = await llamaEngine({ ...small, signal: controller.signal });
    controller.abort();
    expect((await complete(engine, [256, 81], { maxTokens: 2 })).ids).toHaveLength(2);
  });
});

describe("a damaged model", () => {
  it("is explained every time, beside other engines too, and llama.cpp never writes to the console", async () => {
    const damaged = join(folder, "short.gguf");
    const whole = await readFile(modelPath);
    await writeFile(damaged, whole.subarray(0, whole.length / 2));
    const program = new URL("damaged.ts", import.meta.url).pathname;
    const { stdout, stderr } = await promisify(execFile)(process.execPath, [
      "--no-warnings",
      program,
      modelPath,
      damaged,
    ]);
    expect(stderr).toBe("");
    const lines = stdout.trimEnd().split("\n");
    expect(lines).toHaveLength(8);
    for (const line of lines) {
      expect(line).toMatch(/^llama\.cpp cannot load .*short\.gguf: .* model is corrupted or incomplete\. The file may/);
    }
  }, 60_000);
});
