import { describe, expect, it } from "vitest";
import { forkCostOf } from "../../src/engine/detect/measure-cache.ts";
import { probeServer } from "../../src/engine/openai.ts";
import { isOlder } from "../../src/engine/detect/versions.ts";
import { startFakeServer } from "../../src/testing/index.ts";
import type { FakeServerOptions } from "../../src/testing/index.ts";

async function probe(options: Partial<FakeServerOptions>): Promise<Awaited<ReturnType<typeof probeServer>>> {
  await using server = await startFakeServer({ model: () => "", ...options });
  return await probeServer({ baseURL: server.baseURL });
}

describe("what forks cost is measured", () => {
  it.each([
    [{ kind: "sglang" }, "shared"],
    [{ kind: "vllm" }, "aligned(16)"],
    [{ kind: "vllm", cacheBlock: 128 }, "aligned(128)"],
    [{ kind: "vllm", cacheBlock: 528 }, "aligned(528)"],
    [{ kind: "vllm", cacheBlock: 8320, contextTokens: 32_768 }, "aligned(8320)"],
    [{ kind: "vllm", cacheBlock: 8320 }, "recomputed"],
    [{ kind: "vllm", cacheBlock: 0 }, "recomputed"],
    [{ kind: "vllm", cacheReport: false }, "unknown"],
    [{ kind: "llamacpp" }, "shared"],
  ] as const)("%j: %s", async (options, cost) => {
    const { forkCost, cache } = await probe(options);
    expect(forkCost).toBe(cost);
    expect(cache?.coldSiblings.cachedTokens).toHaveLength(3);
  });

  it("is unknown where no length of block explains it", () => {
    expect(forkCostOf([{ sharedTokens: 109, cachedTokens: 16 }])).toBe("unknown");
    expect(forkCostOf([])).toBe("unknown");
  });
});

describe("a report", () => {
  it("names the dialects that a tier allows", async () => {
    expect((await probe({ kind: "vllm" })).dialects).toContain("threadweaver");
    const chat = await probe({ kind: "chat" });
    expect(chat).toMatchObject({ tier: "chat-only", dialects: ["asyncthink", "pacore"], forkCost: "unknown" });
  });

  it("advises how to start the server", async () => {
    expect((await probe({ kind: "vllm", cacheReport: false })).advice).toMatchObject([
      expect.stringContaining("--enable-prompt-tokens-details"),
    ]);
    expect((await probe({ kind: "llamacpp" })).advice).toMatchObject([expect.stringContaining("-np")]);
  });

  it("is plain data", async () => {
    const report = await probe({ kind: "sglang" });
    expect(JSON.parse(JSON.stringify(report))).toEqual(report);
  });
});

it("versions are compared number by number", () => {
  expect(isOlder("0.9.2", "0.22")).toBe(true);
  expect(isOlder("0.22.0rc1", "0.22")).toBe(false);
  expect(isOlder("v0.5.17", "0.5.23")).toBe(true);
  expect(isOlder("1", "0.22")).toBe(false);
  expect(isOlder("unknown", "0.22")).toBe(false);
  expect(isOlder(undefined, "0.22")).toBe(false);
});
