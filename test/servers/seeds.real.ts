import { expect, it } from "vitest";
import { connect, first, kind, runnerOn } from "./support.ts";

// SGLang's sampling does not repeat on a CPU.
it.skipIf(kind !== "vllm")("one seed repeats a run that was sampled, and another gives another run", async () => {
  const runner = runnerOn(await connect());
  const sampled = async (seed: number): Promise<string> => {
    const result = await runner.run({ prompt: first.prompt }, { seed, temperature: 2, maxTokens: 400 }).result;
    expect(result.seed).toBe(seed);
    return result.text;
  };
  const once = await sampled(1);
  expect(await sampled(1)).toBe(once);
  expect(await sampled(2)).not.toBe(once);
});
