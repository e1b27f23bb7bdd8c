import { expect, it, onTestFinished } from "vitest";
import { threadweaver } from "../../../src/core/dialects/bundled/index.ts";
import { createEngine } from "../../../src/engine/openai.ts";
import type { CreateEngineOptions } from "../../../src/engine/openai.ts";
import type { ServerEngine } from "../../../src/engine/server-engine.ts";
import { createRunner } from "../../../src/run/runner.ts";
import { localTokenizer } from "../../../src/tokenizer/index.ts";
import { greedy } from "../../greedy.ts";
import { first, markers } from "../support.ts";

const proxy = process.env["THREADWEAVER_LITELLM_URL"] ?? "";

async function connect(options: Partial<CreateEngineOptions> = {}): Promise<ServerEngine> {
  const engine = await createEngine({
    baseURL: proxy,
    apiKey: `sk-${process.env["THREADWEAVER_API_KEY"] ?? ""}`,
    controls: markers,
    ...options,
  });
  onTestFinished(() => engine.close());
  return engine;
}

it("is recognised by what comes through it: no ids in its streams, so the tier is text", async () => {
  const engine = await connect({ contextTokens: 2048 });
  expect(engine.model).toBe("forkjoin-arith");
  expect(engine.tier).toBe("text");
  expect(engine.warnings.map(({ code }) => code)).toContain("text-mode");
});

it("streams fork-join from the real vLLM: threads side by side, the text of the reference", async () => {
  const tokenizer = await localTokenizer(new URL("../../../models/hf", import.meta.url).pathname);
  const engine = await connect({ contextTokens: 2048, tokenizer });
  const runner = greedy(createRunner({ engine, dialect: threadweaver }));
  let streamed = "";
  const run = runner.run({ prompt: first.prompt }, { specialInPrompt: "parse" });
  for await (const text of run.textStream) streamed += text;
  const result = await run.result;
  expect(result.threads).toHaveLength(first.threads.length);
  expect(streamed).toBe(result.text);
  expect(first.text.endsWith(`${result.text}</s>`) || first.text.endsWith(result.text)).toBe(true);
});

it("starts with one request where a report is given", async () => {
  const { report } = await connect({ contextTokens: 2048 });
  const again = await connect({ contextTokens: 2048, report });
  expect(again.report).toEqual(report);
});

it("refuses a model that it does not have, and names those it has", async () => {
  await expect(connect({ model: "nope", contextTokens: 2048 })).rejects.toMatchObject({
    code: "engine_refused",
    message: expect.stringContaining("has no model nope. It has: forkjoin-arith") as string,
  });
});
