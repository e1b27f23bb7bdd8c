import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { threadweaver } from "../../src/core/dialects/bundled/index.ts";
import { createEngine } from "../../src/engine/openai.ts";
import { createRunner } from "../../src/run/runner.ts";
import { startFakeServer } from "../../src/testing/index.ts";
import type { FakeKind } from "../../src/testing/index.ts";

interface Transcript {
  prompt: string;
  pre: string;
  threads: string[];
  post: string;
  text: string;
}

const fixture = new URL("../fixtures/reference-transcripts.json", import.meta.url);
const transcripts = JSON.parse(readFileSync(fixture, "utf8")) as Transcript[];

/** Goes on from a prompt as the small model did, be it the problem, a thread or the join. */
function model(prompt: string): string {
  const transcript = transcripts.find((one) => prompt.includes(one.prompt));
  if (transcript === undefined) throw new Error(`not a problem that is known: ${prompt}`);
  const { pre, threads, post } = transcript;
  if (!prompt.includes("</Outlines>")) return transcript.text.slice(transcript.prompt.length).replace("</s>", "");
  const thread = /<Thread>\n(\d+):$/.exec(prompt)?.[1];
  if (thread !== undefined) return threads[Number(thread) - 1] ?? "";
  return prompt.endsWith("</Thread>\n") ? `</Parallel>\n${post}`.replace("</s>", "") : pre;
}

const kinds: FakeKind[] = ["vllm", "sglang", "sglang-native", "llamacpp", "text"];

describe("a whole run on a fake server", () => {
  it.each(kinds)("%s", async (kind) => {
    await using server = await startFakeServer({ kind, model, tokensPerChunk: 2 });
    const engine = await createEngine({ baseURL: server.baseURL, controls: threadweaver.markers });
    const runner = createRunner({ engine, dialect: threadweaver });
    for (const { prompt, text } of transcripts.slice(0, 6)) {
      const result = await runner.run({ prompt }).result;
      expect(result.text).toBe(text.slice(prompt.length).replace("</s>", ""));
      expect(result.ending).toEqual({ kind: "eos" });
      expect(result.threads.length).toBeGreaterThan(1);
    }
    await engine.close();
  });

  it("on a hybrid model, whose cache's blocks are longer than the trunks, is warned of what forks cost", async () => {
    await using server = await startFakeServer({ model, cacheBlock: 528 });
    const engine = await createEngine({ baseURL: server.baseURL, controls: threadweaver.markers, measureCache: true });
    expect(engine.report.forkCost).toBe("aligned(528)");
    const { tokens } = await createRunner({ engine, dialect: threadweaver }).run({
      prompt: transcripts[0]?.prompt ?? "",
    }).result;
    expect(tokens.cached).toBe(0);
    await engine.close();
  });
});
