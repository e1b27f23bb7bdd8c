import { generateText } from "ai";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createLanguageModel } from "../../src/ai-sdk/index.ts";
import { threadweaver } from "../../src/core/dialects/bundled/index.ts";
import type { Engine } from "../../src/engine/engine.ts";
import { bundledModel, llamaEngine } from "../../src/llama/index.ts";
import { createRunner } from "../../src/run/runner.ts";
import type { RunResult } from "../../src/run/result.ts";
import { callOf, partMetadata, runMetadata } from "./parts.ts";

const prompt = "Q: 60*59+52*46+34*76";

describe("generateText on a real model", () => {
  let engine: Engine;
  /** The same run without the SDK. */
  let beside: RunResult;
  beforeAll(async () => {
    engine = await llamaEngine({ model: bundledModel });
    const messages = [{ role: "user", content: prompt }];
    beside = await createRunner({ engine, dialect: threadweaver }).run({ messages }, { temperature: 0 }).result;
  });
  afterAll(() => engine.close());

  it("gives the run's content as its text, and each thread as a reasoning part with its name in the plan", async () => {
    const model = createLanguageModel({ engine, dialect: threadweaver });
    const { text, reasoning, finishReason, rawFinishReason, warnings } = await generateText({
      model,
      prompt,
      temperature: 0,
    });
    expect(text).toBe(beside.content);
    expect(text.trim()).toBe(String.raw`\boxed{8516}`);
    const parts = reasoning.map(partMetadata);
    expect(parts.map(({ threadId, plan }) => [threadId, plan])).toEqual([
      ["0", undefined],
      ["0/1.1", "60*59"],
      ["0/1.2", "52*46"],
      ["0/1.3", "34*76"],
    ]);
    for (const [i, thread] of beside.threads.entries()) {
      expect(reasoning[i + 1]).toMatchObject({ type: "reasoning", text: thread.text });
      expect(parts[i + 1]).toMatchObject({ tokens: thread.tokens, ending: "marker", parentId: "0", forkId: "0/1" });
    }
    expect({ finishReason, rawFinishReason, warnings }).toEqual({
      finishReason: "stop",
      rawFinishReason: "eos",
      warnings: [],
    });
  });

  it("says what the run used, and what was gained", async () => {
    const model = createLanguageModel({ engine, dialect: "threadweaver", modelId: "sums" });
    const result = await generateText({ model, prompt, temperature: 0, seed: 5 });
    expect(result.response.modelId).toBe("sums");
    expect(result.usage).toMatchObject({
      inputTokens: beside.usage.inputTokens,
      outputTokens: beside.usage.outputTokens,
      totalTokens: beside.usage.totalTokens,
    });
    const { noCacheTokens = 0, cacheReadTokens = 0 } = result.usage.inputTokenDetails;
    expect(cacheReadTokens).toBeGreaterThan(0);
    expect(noCacheTokens + cacheReadTokens).toBe(beside.usage.inputTokens);
    expect(runMetadata(result)).toMatchObject({
      criticalPath: beside.tokens.criticalPath,
      generated: beside.tokens.generated,
      accelerationRatio: beside.accelerationRatio,
      forks: 1,
      threads: [{ threadId: "0/1.1" }, { threadId: "0/1.2" }, { threadId: "0/1.3" }],
      complete: true,
      seed: 5,
      retries: 0,
    });
  });

  it("takes dialect, mode, limits and policies from the provider options", async () => {
    const model = createLanguageModel({ engine, dialect: threadweaver, run: { temperature: 0 } });
    const asked = (threadweaver: Record<string, string | number>) =>
      generateText({ model, prompt, providerOptions: { threadweaver } });
    const sequential = await asked({ mode: "sequential" });
    expect(runMetadata(sequential)).toMatchObject({ threads: [], forks: 0, accelerationRatio: 0 });

    const short = await asked({ maxThreadTokens: 20 });
    expect(runMetadata(short).threads.map(({ ending }) => ending)).toEqual(["length", "length", "length"]);
    expect(runMetadata(short).complete).toBe(false);
    expect(short).toMatchObject({ finishReason: "length", rawFinishReason: "length: threadTokens" });

    const cut = await asked({ policy: "criticalTokens:70" });
    expect(runMetadata(cut).threads.map(({ ending }) => ending)).toContain("cut");

    const other = await asked({ dialect: "threadweaver-conclusion" });
    expect(runMetadata(other).threads).toHaveLength(3);
  });

  it("ends at its limits and stop sequences", async () => {
    const model = createLanguageModel({ engine, dialect: threadweaver });
    const short = await generateText({ model, prompt, temperature: 0, maxOutputTokens: 12 });
    expect(short).toMatchObject({ finishReason: "length", usage: { outputTokens: 12 } });
    const stopped = await generateText({ model, prompt, temperature: 0, stopSequences: ["boxed"] });
    expect(stopped.text).toBe("\n\\");
    expect(stopped).toMatchObject({ finishReason: "stop", rawFinishReason: "marker" });
  });

  it("warns of every setting that it has not, and goes on without it", async () => {
    const model = createLanguageModel({ engine, dialect: threadweaver });
    const { content, warnings } = await model.doGenerate(
      callOf(prompt, {
        temperature: 0,
        presencePenalty: 1,
        frequencyPenalty: 1,
        reasoning: "high",
        tools: [{ type: "function", name: "clock", inputSchema: {} }],
        toolChoice: { type: "required" },
        responseFormat: { type: "json" },
      }),
    );
    expect(content.at(-1)).toEqual({ type: "text", text: beside.content });
    const features = warnings.map((warning) => (warning.type === "unsupported" ? warning.feature : warning.type));
    expect(features).toEqual([
      "presencePenalty",
      "frequencyPenalty",
      "tools",
      "toolChoice",
      "responseFormat",
      "reasoning",
    ]);
  });
});
