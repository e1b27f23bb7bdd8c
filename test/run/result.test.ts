import { describe, expect, it } from "vitest";
import { npr, threadweaver } from "../../src/core/dialects/bundled/index.ts";
import { generatedBy } from "../../src/core/trie/generated.ts";
import type { Engine } from "../../src/engine/engine.ts";
import type { RunOptions } from "../../src/run/options.ts";
import { createRunner } from "../../src/run/runner.ts";
import { planned, scriptedEngine } from "./scripted-engine.ts";

const two = planned({ "1": { text: " odd</Thread>" }, "2": { text: " even</Thread>" } });
const runner = (engine: Engine = scriptedEngine(two), dialect = threadweaver) => createRunner({ engine, dialect });

describe("a result", () => {
  it("says what was used in the words of chat APIs, out of the run's own counts", async () => {
    const engine = scriptedEngine(two);
    const { usage, tokens } = await runner(engine).run({ prompt: "Q" }).result;
    const inputTokens = engine.requests.reduce((sum, { prompt }) => sum + prompt.length, 0);
    const outputTokens = tokens.generated + tokens.wasted;
    expect(usage).toEqual({
      inputTokens,
      outputTokens,
      totalTokens: inputTokens + outputTokens,
      cachedInputTokens: undefined,
    });
  });

  it("is small: without its tree, unless that or log-probabilities were asked for", async () => {
    const has = async (options: RunOptions) => "tree" in (await runner().run({ prompt: "Q" }, options).result);
    expect(await has({})).toBe(false);
    expect(await has({ tree: true })).toBe(true);
    expect(await has({ logprobs: true })).toBe(true);
    expect(await has({ logprobs: true, tree: false })).toBe(false);
    const broken = scriptedEngine(() => ({ text: "a", after: "break" }));
    const error: unknown = await runner(broken)
      .run({ prompt: "Q" })
      .result.catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ partial: { text: "a", tree: { version: 2 } } });
  });

  it("has the calls of each thread, and in its tree their tokens", async () => {
    const engine = scriptedEngine(two);
    const { threads, tree } = await runner(engine).run({ prompt: "Q" }, { tree: true }).result;
    const sent = engine.requests.map(({ prompt }) => prompt.length);
    expect(threads.map(({ calls }) => calls)).toEqual([
      [{ call: 1, role: "body", attempts: 1, tokens: 5, promptTokens: sent[1] }],
      [{ call: 2, role: "body", attempts: 1, tokens: 6, promptTokens: sent[2] }],
    ]);
    const own = generatedBy(tree, "0/1.2");
    expect(own.map(({ text }) => text).join("")).toBe(" even</Thread>");
    expect(own.every(({ call, role, ids }) => call === 2 && role === "body" && ids?.length === 1)).toBe(true);
    expect(new Set(generatedBy(tree, "0").map(({ call }) => call))).toEqual(new Set([0, 3]));
    expect(generatedBy(tree, "0/9.9")).toEqual([]);
  });

  it("has each sampled token of a thread, also the end of sequence that is no part of its text", async () => {
    const script = planned({ "1": { text: " x" } });
    const { tree } = await runner(scriptedEngine(script)).run({ prompt: "Q" }, { tree: true }).result;
    expect(generatedBy(tree, "0/1.1").map(({ text, isContext }) => [text, isContext])).toEqual([
      [" ", true],
      ["x", true],
      ["", false],
    ]);
  });

  it.each<[string, string, RunOptions, string]>([
    ["it was done", "12", {}, "stop"],
    ["it wrote a stop string", "a. b", { stop: "." }, "stop"],
    ["it ran out of tokens", "1234", { maxTokens: 2 }, "length"],
  ])("has a finish reason: %s", async (_, text, options, reason) => {
    const engine = scriptedEngine(() => ({ text }));
    expect((await runner(engine).run({ prompt: "Q" }, options).result).finishReason).toBe(reason);
  });

  it("of a run that was cancelled, or broke, says that in its finish reason too", async () => {
    const hanging = runner(scriptedEngine(() => ({ text: "a", after: "hang" }))).run({ prompt: "Q" });
    for await (const event of hanging.events()) if (event.type === "text") break;
    hanging.abort();
    await expect(hanging.result).rejects.toMatchObject({ partial: { finishReason: "abort" } });
    const broken = runner(scriptedEngine(() => ({ text: "a", after: "break" }))).run({ prompt: "Q" });
    await expect(broken.result).rejects.toMatchObject({ partial: { finishReason: "error" } });
  });

  it("repeats the metadata of its run, which the first event has as well", async () => {
    const metadata = { tenant: "a", tags: [1] };
    const run = runner().run({ prompt: "Q" }, { metadata });
    const first = (await run.events().next()).value;
    expect(first).toMatchObject({ type: "run-start", metadata });
    expect((await run.result).metadata).toEqual(metadata);
    expect(await runner().run({ prompt: "Q" }).result).not.toHaveProperty("metadata");
  });
});

describe("who decides how tokens are drawn", () => {
  const all = { temperature: 1, topP: 1, topK: 0, minP: 0, repetitionPenalty: 1 };
  const greedy = { ...all, temperature: 0 };
  it.each<[string, RunOptions, Engine["samplingDefaults"], "run" | "server"]>([
    ["nothing was said", {}, undefined, "server"],
    ["the likeliest token is taken", { temperature: 0 }, undefined, "run"],
    ["some things were said, and others left open", { temperature: 0.6, topP: 0.95 }, undefined, "server"],
    ["everything was said", all, undefined, "run"],
    ["the engine's defaults are known", { temperature: 0.6 }, greedy, "run"],
  ])("is said in the result: %s", async (_, options, samplingDefaults, by) => {
    const engine: Engine = { ...scriptedEngine(two), samplingDefaults };
    expect((await runner(engine).run({ prompt: "Q" }, options).result).samplingBy).toBe(by);
  });

  it("for threads is whoever knows best: threadSampling, then the dialect, then the run, then the engine", async () => {
    const plan = "<guideline><plan>1:</plan></guideline>";
    const engine = scriptedEngine((context) =>
      context.includes("</guideline>") && context.endsWith(":")
        ? { text: "x</step>" }
        : { text: context.includes("takeaway") ? "." : plan },
    );
    const sampled = async (options: RunOptions) => {
      engine.requests.length = 0;
      await runner({ ...engine, samplingDefaults: greedy }, npr).run({ prompt: "Q" }, { seed: 1, ...options }).result;
      return engine.requests.slice(0, 2).map(({ sampling: { seed: _seed, ...rest } }) => rest);
    };
    expect(await sampled({ topK: 7 })).toEqual([
      { ...greedy, topK: 7 },
      { ...greedy, topK: 7, repetitionPenalty: 1.02 },
    ]);
    const threadSampling = { temperature: 0.3, repetitionPenalty: 1 };
    expect(await sampled({ temperature: 1, threadSampling })).toEqual([all, { ...all, temperature: 0.3 }]);
  });

  it("is sent with each call, with headers and fields of the run", async () => {
    const engine = scriptedEngine(two);
    const more = { headers: { traceparent: "00-1" }, extraBody: { priority: 3 } };
    await runner(engine).run({ prompt: "Q" }, more).result;
    expect(engine.requests).toHaveLength(4);
    for (const request of engine.requests) expect(request).toMatchObject(more);
  });
});

describe("stop strings", () => {
  it("end main where it generates one, and are no part of the text; threads may write them", async () => {
    const script = planned({ "1": { text: " a END b</Thread>" } }, { text: "</Parallel>\nso END it is" });
    const { text, ending } = await runner(scriptedEngine(script)).run({ prompt: "Q END" }, { stop: ["E?", "END"] })
      .result;
    expect(text).toContain(" a END b</Thread>");
    expect(text.endsWith("</Parallel>\nso ")).toBe(true);
    expect(ending).toEqual({ kind: "marker", marker: "END" });
  });

  it("spread over tokens are taken back, which the text that is read never needs", async () => {
    const run = runner(scriptedEngine(() => ({ text: "a E END" }))).run({ prompt: "Q" }, { stop: "END" });
    const chunks: string[] = [];
    for await (const chunk of run.textStream) chunks.push(chunk);
    expect(chunks.join("")).toBe("a E ");
    expect((await run.result).text).toBe("a E ");
  });

  it("win over a marker of the dialect, and end its phase after a join", async () => {
    const plan = planned({ "1": { text: " a</Thread>" } });
    const stopped = await runner(scriptedEngine(plan)).run({ prompt: "Q" }, { stop: "<Outline>1: part" }).result;
    expect(stopped.threads).toEqual([]);
    expect(stopped.complete).toBe(true);
    expect(() => runner().run({ prompt: "Q" }, { stop: "" })).toThrow(/Invalid options for run: stop/);
  });
});

describe("a runner", () => {
  it("that is closed waits for its runs, and takes no more", async () => {
    const own = runner();
    const run = own.run({ prompt: "Q" });
    let isSettled = false;
    void run.result.then(() => (isSettled = true));
    await own.close();
    expect(isSettled).toBe(true);
    expect(() => own.run({ prompt: "Q" })).toThrow(expect.objectContaining({ code: "closed" }));
  });

  it("without a dialect can be made, and says by name that a run needs one", () => {
    const own = createRunner({ engine: scriptedEngine(two) });
    expect(() => own.run({ prompt: "Q" })).toThrow(
      /this runner has no dialect.*createRunner\(\{ engine, dialect: threadweaver \}\).*parallel-r1/,
    );
  });
});

describe("the error of a run", () => {
  it("that was cancelled is named as the platform names it, and one whose time was up has a code of its own", async () => {
    const hang = () => runner(scriptedEngine(() => ({ text: "a", after: "hang" })));
    const run = hang().run({ prompt: "Q" });
    run.abort("enough");
    await expect(run.result).rejects.toMatchObject({ name: "AbortError", code: "aborted", cause: "enough" });
    const late = hang().run({ prompt: "Q" }, { signal: AbortSignal.timeout(1) });
    await expect(late.result).rejects.toMatchObject({
      name: "TimeoutError",
      code: "timeout",
      cause: { name: "TimeoutError" },
      partial: { finishReason: "abort" },
    });
  });

  it("names the sequence whose call failed", async () => {
    const engine = scriptedEngine(() => ({ text: "a", after: "break" }));
    await expect(runner(engine).run({ prompt: "Q" }).result).rejects.toMatchObject({
      name: "ThreadweaverError",
      threadId: "0",
      retryable: false,
      status: undefined,
    });
  });
});
