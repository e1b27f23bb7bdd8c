import { describe, expect, it } from "vitest";
import type { FakeServer, FakeServerOptions } from "../../src/testing/index.ts";
import { cachedIn, open, send, stream, withUsage } from "./support.ts";

const prompt = Array.from({ length: 100 }, (_, at) => at);

async function cached(server: FakeServer, ids: readonly number[], headers: Record<string, string> = {}) {
  return cachedIn(await stream(server, { prompt: ids, max_tokens: 1, ...withUsage }, { headers }));
}

describe("a prefix cache", () => {
  it.each([
    [{ kind: "vllm" }, 96, 48],
    [{ kind: "vllm", cacheBlock: 32 }, 96, 32],
    [{ kind: "vllm", cacheBlock: 528 }, 0, 0],
    [{ kind: "vllm", cacheBlock: 0 }, 0, 0],
    [{ kind: "sglang" }, 99, 50],
  ] as const)("%j", async (options: Partial<FakeServerOptions>, again, half) => {
    const server = await open(options);
    expect(await cached(server, prompt)).toBe(0);
    expect(await cached(server, prompt)).toBe(again);
    expect(await cached(server, [...prompt.slice(0, 50), 200, 200])).toBe(half);
  });

  it("is used but not told of, or told of only in part", async () => {
    const server = await open({ cacheReport: false });
    expect(await cached(server, prompt)).toBeUndefined();
  });

  it.each([
    ["vllm", 3],
    ["sglang", 1],
  ] as const)("of %s holds so many tokens of a prompt and an answer that still comes: %i", async (kind, expected) => {
    const { promise, resolve } = Promise.withResolvers<void>();
    let parts = 0;
    const sleep = async (): Promise<void> => (++parts === 4 ? promise : undefined);
    const server = await open({ kind, cacheBlock: 1, model: (_, call) => (call === 0 ? "abcdef" : "x"), sleep });
    const running = stream(server, { prompt: [256] });
    await expect.poll(() => parts).toBe(4);
    const again = [256, 97, 98, 99, 100, 101, 102, 1];
    const during = await cached(server, again);
    resolve();
    await running;
    // Of the three that came, the last has not been computed yet.
    expect([during, await cached(server, again)]).toEqual([expected, 7]);
  });

  it("lies in slots on llama.cpp: siblings side by side share nothing, and the third of two waits", async () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    const server = await open({ kind: "llamacpp", slots: 2, sleep: () => promise });
    const calls = [1, 2, 3].map(async (id) => {
      const response = await send(server, { prompt: [...prompt, id], stream: true }, { path: "/completion" });
      const text = await response.text();
      return [/"id_slot":(\d)/.exec(text)?.[1], /"cache_n":(\d+)/.exec(text)?.[1]];
    });
    await expect.poll(() => server.running).toBe(3);
    resolve();
    const [first, second, third] = await Promise.all(calls);
    expect([first, second]).toEqual([
      ["0", "0"],
      ["1", "0"],
    ]);
    expect(third?.[1]).toBe("100");
  });

  it("is one for each replica, and a session stays with its own", async () => {
    const server = await open({ kind: "vllm", cacheBlock: 1, replicas: 2 });
    const session = { "x-session-id": "tree-1" };
    expect(await cached(server, prompt, session)).toBe(0);
    expect(await cached(server, prompt, session)).toBe(99);
    // Without a session they take turns.
    const found = [await cached(server, prompt), await cached(server, prompt)].toSorted((a = 0, b = 0) => a - b);
    expect(found).toEqual([0, 99]);
    expect(new Set(server.calls.map(({ replica }) => replica))).toEqual(new Set([0, 1]));
    expect(server.calls[0]?.headers).toMatchObject(session);
  });
});
