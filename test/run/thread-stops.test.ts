import { describe, expect, it, onTestFinished } from "vitest";
import { dcCot } from "../../src/core/dialects/bundled/index.ts";
import { createEngine } from "../../src/engine/openai.ts";
import { createRunner } from "../../src/run/runner.ts";
import { startFakeServer, type FakeKind } from "../../src/testing/index.ts";

/** Each worker writes its neighbour's tag before its own. */
function model(prompt: string): string {
  const worker = /<worker_(\d)>$/.exec(prompt)?.[1];
  if (worker !== undefined) return ` ${worker}</worker_${(Number(worker) % 3) + 1}></worker_${worker}> more`;
  return prompt.endsWith("</spawn_workers>") ? " so" : "well <spawn_workers> more";
}

const workers =
  "<worker_1> 1</worker_2></worker_1><worker_2> 2</worker_3></worker_2><worker_3> 3</worker_1></worker_3>";

describe("threads that each have a stop marker of their own, on a server", () => {
  it.each<FakeKind>(["vllm", "sglang", "llamacpp"])("that knows the tags as letters: %s", async (kind) => {
    const server = await startFakeServer({ kind, model });
    const engine = await createEngine({ baseURL: server.baseURL });
    onTestFinished(async () => {
      await engine.close();
      await server.close();
    });
    const { text, usage } = await createRunner({ engine, dialect: dcCot }).run({ prompt: "Q\n" }).result;
    expect(text).toBe(`well <spawn_workers>${workers}</spawn_workers> so`);
    expect(usage.outputTokens).toBeGreaterThan(0);
  });

  it("that knows them as tokens: each is asked to stop at its own", async () => {
    const controls = [...dcCot.markers];
    const server = await startFakeServer({ model, controls });
    const engine = await createEngine({ baseURL: server.baseURL, controls });
    onTestFinished(async () => {
      await engine.close();
      await server.close();
    });
    const { text } = await createRunner({ engine, dialect: dcCot }).run({ prompt: "Q\n" }).result;
    expect(text).toBe(`well <spawn_workers>${workers}</spawn_workers> so`);
    const idOf = (tag: string): number => 258 + controls.indexOf(tag);
    const stops = server.calls.map(({ body }) => body["stop_token_ids"]);
    for (const n of [1, 2, 3]) {
      expect(stops.filter((ids) => Array.isArray(ids) && ids.includes(idOf(`</worker_${n}>`)))).toHaveLength(1);
    }
  });
});
