import { randomInt } from "node:crypto";
import { expect, it } from "vitest";
import type { ServerEngine } from "../../src/engine/server-engine.ts";
import { connect, kind } from "./support.ts";

async function cachedOf(engine: ServerEngine, prompt: readonly number[]): Promise<number> {
  const { signal } = new AbortController();
  const call = { prompt, stop: { ids: [] }, maxTokens: 1, sampling: { temperature: 0, topP: 1 }, signal };
  for await (const event of engine.complete(call)) if (event.type === "end") return event.cachedTokens ?? NaN;
  return NaN;
}

// Each slot of llama.cpp computes by itself.
it.skipIf(kind === "llamacpp")(
  "of several calls at once that begin with what was never sent before, only one computes it",
  async () => {
    const engine = await connect();
    const shared = [256, ...Array.from({ length: 640 }, () => 97 + randomInt(26))];
    const cached = await Promise.all([65, 66, 67, 68, 69, 70].map((id) => cachedOf(engine, [...shared, id, id])));
    const [least = NaN, ...rest] = cached.toSorted((a, b) => a - b);
    expect(least).toBeLessThan(64);
    // Whole blocks of 32 on vLLM.
    for (const one of rest) expect(one).toBeGreaterThanOrEqual(640);
  },
);
