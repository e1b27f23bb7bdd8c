import { streamText } from "ai";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createLanguageModel } from "../../src/ai-sdk/index.ts";
import { threadweaver } from "../../src/core/dialects/bundled/index.ts";
import type { CompletionRequest, Engine } from "../../src/engine/engine.ts";
import { bundledModel, llamaEngine } from "../../src/llama/index.ts";
import { eventSchema } from "../../src/run/events.ts";
import { createRunner } from "../../src/run/runner.ts";
import { callOf, partsOf, runMetadata } from "./parts.ts";

const prompt = "Q: 37*64+82*19+45*71+23*68";

describe("streamText on a real model", () => {
  let engine: Engine;
  beforeAll(async () => {
    engine = await llamaEngine({ model: bundledModel });
  });
  afterAll(() => engine.close());

  it("streams the run's content as its text, and the threads at the same time", async () => {
    const messages = [{ role: "user", content: prompt }];
    const run = createRunner({ engine, dialect: threadweaver }).run({ messages }, { temperature: 0 });
    const { content, tokens } = await run.result;
    const result = streamText({
      model: createLanguageModel({ engine, dialect: threadweaver }),
      prompt,
      temperature: 0,
    });
    const writers: string[] = [];
    let text = "";
    for await (const part of result.fullStream) {
      if (part.type === "reasoning-delta" && writers.at(-1) !== part.id) writers.push(part.id);
      if (part.type === "text-delta") text += part.text;
    }
    expect(text).toBe(content);
    expect(await result.text).toBe(content);
    // Each of the four threads had its turn more than once: none waited for the one before it.
    for (const n of [1, 2, 3, 4]) expect(writers.filter((id) => id === `0/1.${n}`).length).toBeGreaterThan(2);
    expect(await result.finishReason).toBe("stop");
    expect(runMetadata({ providerMetadata: await result.providerMetadata }).criticalPath).toBe(tokens.criticalPath);
  });

  it("gives an application's page one part a thread, which names its thread", async () => {
    const result = streamText({
      model: createLanguageModel({ engine, dialect: threadweaver }),
      prompt,
      temperature: 0,
    });
    const plans: unknown[] = [];
    for await (const chunk of result.toUIMessageStream()) {
      if (chunk.type === "reasoning-start") plans.push(chunk.providerMetadata?.["threadweaver"]?.["plan"]);
    }
    expect(plans).toEqual([undefined, "37*64", "82*19", "45*71", "23*68"]);
  });

  it("ends the calls at the engine when it is aborted in the middle of a thread, and gives what it had", async () => {
    const calls = watched(engine);
    const controller = new AbortController();
    const result = streamText({
      model: createLanguageModel({ engine: calls.engine, dialect: threadweaver }),
      prompt,
      temperature: 0,
      abortSignal: controller.signal,
    });
    const types: string[] = [];
    let runningAtAbort = 0;
    for await (const part of result.fullStream) {
      types.push(part.type);
      if (part.type !== "reasoning-delta" || part.id !== "0/1.2" || controller.signal.aborted) continue;
      runningAtAbort = calls.running();
      controller.abort(new Error("that was enough"));
    }
    expect(types.at(-1)).toBe("abort");
    expect(runningAtAbort).toBe(4);
    await expect.poll(calls.running).toBe(0);
    expect(calls.aborted()).toBe(4);
  });

  it("ends the run when nobody reads on", async () => {
    const calls = watched(engine);
    const model = createLanguageModel({ engine: calls.engine, dialect: threadweaver });
    const { stream } = await model.doStream(callOf(prompt, { temperature: 0 }));
    for await (const part of stream) if (part.type === "reasoning-delta") break;
    await expect.poll(calls.running).toBe(0);
    expect(calls.aborted()).toBe(1);
  });

  it("gives the events of the run as they are, where raw parts are asked for", async () => {
    const model = createLanguageModel({ engine, dialect: threadweaver });
    const parts = await partsOf(model, callOf(prompt, { temperature: 0, includeRawChunks: true }));
    const events = parts.flatMap((part) => (part.type === "raw" ? [eventSchema.parse(part.rawValue)] : []));
    expect(events[0]?.type).toBe("run-start");
    expect(events.filter(({ type }) => type === "join")).toHaveLength(1);
    expect(events.at(-1)?.type).toBe("run-end");
  });
});

/** The engine, with its calls counted. */
function watched(inner: Engine): { engine: Engine; running: () => number; aborted: () => number } {
  let running = 0;
  let aborted = 0;
  async function* complete(
    request: CompletionRequest,
  ): ReturnType<typeof inner.complete> extends AsyncIterable<infer E> ? AsyncGenerator<E> : never {
    running += 1;
    try {
      yield* inner.complete(request);
    } finally {
      running -= 1;
      if (request.signal.aborted) aborted += 1;
    }
  }
  return { engine: { ...inner, complete }, running: () => running, aborted: () => aborted };
}
