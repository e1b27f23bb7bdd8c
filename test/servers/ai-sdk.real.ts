import { generateText, streamText } from "ai";
import { describe, expect, it } from "vitest";
import { createLanguageModel } from "../../src/ai-sdk/index.ts";
import { threadweaver } from "../../src/core/dialects/bundled/index.ts";
import { createRunner } from "../../src/run/runner.ts";
import { partMetadata, runMetadata } from "../ai-sdk/parts.ts";
import { callsAtServer, connect, kind, metric } from "./support.ts";

const prompt = "Q: 37*64+82*19+45*71+23*68";
const input = { messages: [{ role: "user", content: prompt }] };

describe("the AI SDK on the server", () => {
  it("generates and streams the run's content, with a part a thread", async () => {
    const engine = await connect();
    const beside = await createRunner({ engine, dialect: threadweaver }).run(input, { temperature: 0 }).result;
    const model = createLanguageModel({ engine, dialect: threadweaver });

    const generated = await generateText({ model, prompt, temperature: 0 });
    expect(generated.text).toBe(beside.content);
    const plans = generated.reasoning.map((part) => partMetadata(part).plan);
    expect(plans).toEqual([undefined, "37*64", "82*19", "45*71", "23*68"]);
    expect(generated.usage).toMatchObject({ inputTokens: beside.usage.inputTokens });
    expect(generated.usage.outputTokens).toBe(beside.usage.outputTokens);
    const { criticalPath, threads } = runMetadata(generated);
    expect({ criticalPath, threads: threads.length }).toEqual({ criticalPath: beside.tokens.criticalPath, threads: 4 });

    const streamed = streamText({ model, prompt, temperature: 0 });
    const started: string[] = [];
    let endedBefore = 0;
    for await (const part of streamed.fullStream) {
      if (part.type === "reasoning-start") started.push(part.id);
      if (part.type === "reasoning-end" && started.length < 5) endedBefore += 1;
    }
    // All threads are open before the first of them ends.
    expect(started).toEqual(["0", ...beside.threads.map(({ threadId }) => threadId)]);
    expect(endedBefore).toBe(0);
    expect(await streamed.text).toBe(beside.content);
  });

  it("ends every call at the server when it is aborted in the middle of the threads", async () => {
    const engine = await connect();
    const model = createLanguageModel({ engine, dialect: threadweaver });
    const controller = new AbortController();
    const { threads } = await createRunner({ engine, dialect: threadweaver }).run(input, { temperature: 0 }).result;
    const inThreads = threads.reduce((sum, { tokens }) => sum + tokens, 0);
    const before = await generatedAtServer();
    // Several at once, so that the server is at some of their calls when the first thread begins. Parts are read more
    // slowly than this model writes: by a thread's first text, all threads can be written.
    const last = await Promise.all(
      Array.from({ length: 8 }, async () => {
        const { fullStream } = streamText({ model, prompt, temperature: 0, abortSignal: controller.signal });
        let type = "";
        for await (const part of fullStream) {
          ({ type } = part);
          if (part.type === "reasoning-start" && part.id !== "0") controller.abort();
        }
        return type;
      }),
    );
    expect(last).toEqual(Array.from({ length: 8 }, () => "abort"));
    await expect.poll(callsAtServer, { timeout: 20_000, interval: 50 }).toBe(0);
    // It has not written the threads to their end.
    if (kind === "vllm") expect((await generatedAtServer()) - before).toBeLessThan(8 * inThreads);
  });
});

/** All tokens that vLLM has generated so far. */
async function generatedAtServer(): Promise<number> {
  return kind === "vllm" ? metric("vllm:generation_tokens_total") : 0;
}
