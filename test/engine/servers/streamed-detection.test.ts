import { describe, expect, it } from "vitest";
import { createEngine, probeServer } from "../../../src/engine/openai.ts";
import { startFakeServer } from "../../../src/testing/index.ts";

describe("what is found out by completions", () => {
  it.each(["vllm", "sglang", "sglang-native", "llamacpp"] as const)(
    "is found out from streams with the fields of a run: %s",
    async (kind) => {
      await using server = await startFakeServer({ kind, model: () => "a" });
      await probeServer({ baseURL: server.baseURL });
      expect(server.probes.length).toBeGreaterThan(6);
      for (const { body } of server.probes) {
        expect(body["stream"]).toBe(true);
        // SGLang's own route has a place of its own for them.
        const {
          temperature,
          seed,
          sampling_seed: nativeSeed,
        } = { ...body, ...(body["sampling_params"] as object) } as Record<string, unknown>;
        expect({ temperature, seed: seed ?? nativeSeed }).toEqual({ temperature: 0, seed: 1 });
      }
      expect(server.calls).toEqual([]);
    },
  );

  it("is found out without a field that is refused by name, as later runs are", async () => {
    await using server = await startFakeServer({ kind: "vllm", model: () => "a" });
    const strict: typeof fetch = async (input, init) => {
      const isStrict = typeof init?.body === "string" && init.body.includes('"seed"');
      if (!isStrict) return fetch(input, init);
      return Response.json({ error: { message: "Unrecognized request argument supplied: seed" } }, { status: 400 });
    };
    const { report } = await createEngine({ baseURL: server.baseURL, fetch: strict, measureCache: true });
    expect(report).toMatchObject({ eos: [257], vocabularySize: server.tokenizer.size, forkCost: "aligned(16)" });
    expect(report.profile.request.seed).toBeNull();
  });
});
