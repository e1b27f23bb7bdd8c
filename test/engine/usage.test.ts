import { describe, expect, it } from "vitest";
import type { Engine } from "../../src/engine/engine.ts";
import type { FakeKind } from "../../src/testing/index.ts";
import { connect, fetchWith, outcomeOf } from "./support.ts";

/** What each of these servers is asked with. */
async function promptOf({ tokenizer }: Engine, kind: FakeKind): Promise<number[]> {
  if (kind === "chat") return tokenizer.renderChat([{ role: "user", content: "Q" }]);
  return tokenizer.encode("Q", { controls: "text" });
}

describe("how many tokens a call generated", () => {
  it.each<FakeKind>(["vllm", "sglang", "sglang-native", "llamacpp"])("is told at its end on %s", async (kind) => {
    const { engine } = await connect({ kind, model: () => "x€</Thread>" });
    expect((await outcomeOf(engine)).end).toMatchObject({ completionTokens: 6 });
    expect((await outcomeOf(engine, { coalesce: 50 })).end).toMatchObject({ completionTokens: 6 });
  });

  it.each<FakeKind>(["text", "chat"])("is asked for where parts do not tell, on %s", async (kind) => {
    const { engine, server } = await connect({ kind, model: () => "abc", usage: "asked", tokensPerChunk: 2 });
    expect((await outcomeOf(engine, { prompt: await promptOf(engine, kind) })).end).toMatchObject({
      reason: "stop",
      completionTokens: 4,
    });
    expect(server.calls[0]?.body["stream_options"]).toEqual({ include_usage: true });
  });

  it("tells a full context from a used-up budget in text mode", async () => {
    const { engine } = await connect({ kind: "text", model: () => "abcdef", usage: "asked", contextTokens: 5 });
    expect((await outcomeOf(engine, { prompt: [81], maxTokens: 100 })).end).toMatchObject({ reason: "context" });
    expect((await outcomeOf(engine, { prompt: [81], maxTokens: 2 })).end).toMatchObject({ reason: "length" });
  });

  it.each<FakeKind>(["text", "chat"])("is not asked for again where the server refuses that, on %s", async (kind) => {
    const asked: boolean[] = [];
    const fetch = fetchWith((_path, body) => {
      if (!body.includes('"stream":true')) return undefined;
      asked.push(body.includes("stream_options"));
      const refusal = { error: { message: "unknown field stream_options", code: 400 } };
      return body.includes("stream_options") ? Promise.resolve(Response.json(refusal, { status: 400 })) : undefined;
    });
    const { engine } = await connect({ kind, model: () => "abc" }, { fetch });
    expect(asked).toContain(true);
    asked.length = 0;
    for (const _ of [1, 2]) {
      // oxlint-disable-next-line no-await-in-loop -- one after the other
      expect(await outcomeOf(engine, { prompt: await promptOf(engine, kind) })).toMatchObject({
        text: "abc",
        error: undefined,
      });
    }
    expect(asked).toEqual([false, false]);
  });

  it("a refusal of something else is not taken for one of that", async () => {
    const answers = [
      { text: "", refusal: { status: 400, message: "no" } },
      { text: "", refusal: { status: 400, message: "no" } },
      "abc",
    ];
    const { engine, server } = await connect({ kind: "text", model: () => answers.shift() ?? "", usage: "asked" });
    expect((await outcomeOf(engine, { prompt: [81] })).error).toMatchObject({ code: "engine_refused" });
    expect((await outcomeOf(engine, { prompt: [81] })).end).toMatchObject({ completionTokens: 4 });
    expect(server.calls).toHaveLength(3);
  });
});
