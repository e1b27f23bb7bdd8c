import { afterEach, describe, expect, it } from "vitest";
import { threadweaver } from "../../src/core/dialects/bundled/index.ts";
import { createEngine, type CreateEngineOptions } from "../../src/engine/openai.ts";
import type { RunOptions } from "../../src/run/options.ts";
import { createRunner } from "../../src/run/runner.ts";
import { startFakeServer, type FakeServer, type FakeServerOptions } from "../../src/testing/index.ts";
import { turns } from "../run/model-engine.ts";

/** Where a marker does not stop the server, its model writes on and on after it. */
const writesOn = ` and on${" and on".repeat(200)}`;
const plan = "<Parallel>\n<Outlines>\n<Outline>1: a</Outline>\n<Outline>2: b</Outline>\n</Outlines>";
const model = (prompt: string): string => {
  if (!prompt.includes("</Outlines>")) return `${plan}${writesOn}`;
  if (/\n<Thread>\n\d:$/.test(prompt)) return ` it is 7.\n</Thread>${writesOn}`;
  return "</Parallel>\nso it is</think>12";
};

let server: FakeServer | undefined;
afterEach(() => server?.close());

async function run(
  fake: Partial<FakeServerOptions>,
  engine: Partial<CreateEngineOptions> = {},
  options: RunOptions = {},
) {
  server = await startFakeServer({ kind: "vllm", model, ...fake });
  const made = await createEngine({ baseURL: `${server.baseURL}/v1`, ...engine });
  try {
    return await createRunner({ engine: made, dialect: threadweaver }).run({ prompt: "Q" }, options).result;
  } finally {
    await made.close();
  }
}

describe("a server that does not stop at our markers", () => {
  it.each<[string, Partial<FakeServerOptions>, Partial<CreateEngineOptions>]>([
    ["llama.cpp's", { kind: "llamacpp", slots: 1 }, {}],
    ["vLLM's, told no stop ids", {}, { profile: { request: { stopIds: null } } }],
    ["SGLang's, told no stop ids", { kind: "sglang" }, { profile: { request: { stopIds: null }, bulk: null } }],
    ["SGLang's own interface", { kind: "sglang-native" }, { profile: { request: { stopIds: null } } }],
    ["one without ids", { kind: "text" }, {}],
  ])("is hung up on as soon as a marker has come: %s", async (_, fake, engine) => {
    const result = await run(fake, engine);
    expect(result.content).toBe("12");
    expect(result.ending).toEqual({ kind: "eos" });
    // Three calls that a marker ended, each with a few tokens that were under way.
    expect(result.tokens.wasted).toBeLessThanOrEqual(3 * 8);
    for (let i = 0; i < 50 && (server?.running ?? 0) > 0; i += 1) await turns(5);
    expect(server?.running).toBe(0);
    expect(server?.calls.filter(({ hungUp, aborted }) => hungUp || aborted).length).toBeGreaterThanOrEqual(3);
  });
});

describe("maxTokens", () => {
  const long = (prompt: string): string => (prompt.includes("</Outlines>") ? " it goes on".repeat(100) : plan);

  it.each(["alone", "heard"] as const)(
    "is what a run generates; what comes beyond is a part a call at most (%s)",
    async (how) => {
      const { tokens, ending } = await run(
        { model: long },
        {},
        { maxTokens: 200, ...(how === "heard" && { onEvent: () => {} }) },
      );
      expect(ending).toMatchObject({ kind: "length", limit: "runTokens" });
      expect(tokens.generated).toBe(200);
      // Where parts of several tokens come, each call gets its share of what is left.
      const share = how === "heard" ? 1 : Math.floor(200 / 2);
      expect(tokens.wasted).toBeLessThanOrEqual(2 * share);
    },
  );

  it("counts what a server without ids counts itself", async () => {
    const { tokens } = await run({
      kind: "text",
      model: () => "four words of text",
      tokensPerChunk: 6,
      usage: "final",
    });
    expect(tokens).toMatchObject({ generated: "four words of text".length + 1, estimated: false });
  });
});
