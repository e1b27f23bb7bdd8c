import { expect, it } from "vitest";
import { threadweaver } from "../../src/core/dialects/bundled/index.ts";
import { createRunner } from "../../src/run/runner.ts";
import { callsAtServer, connect, first, queueHolds } from "./support.ts";

it.skipIf(queueHolds === undefined)(
  "a queue that is full refuses some of many runs by a clear error, and the others are answered",
  async () => {
    const many = Array.from({ length: 2 * (queueHolds ?? 0) }, () => first.prompt);
    const runner = createRunner({ engine: await connect(), dialect: threadweaver, concurrency: many.length });
    const settled = await Promise.allSettled(
      many.map((prompt) => runner.run({ prompt }, { mode: "sequential", maxTokens: 150, retry: false }).result),
    );
    const lost = settled.filter((one) => one.status === "rejected");
    expect(lost.length).toBeGreaterThan(0);
    expect(lost.length).toBeLessThanOrEqual(many.length - (queueHolds ?? 0));
    for (const { reason } of lost) {
      expect(reason).toMatchObject({
        code: "engine_failed",
        message: expect.stringMatching(/busy|queue is full/) as string,
        partial: { ending: { kind: "failed" }, text: "" },
      });
    }
    const answered = settled.flatMap((one) => (one.status === "fulfilled" ? [one.value.text] : []));
    expect(new Set(answered)).toEqual(new Set([first.text.slice(first.prompt.length).slice(0, answered[0]?.length)]));
    await expect.poll(callsAtServer, { timeout: 20_000 }).toBe(0);
  },
);

it.skipIf(queueHolds === undefined)(
  "a queue that is full loses no run: those that were refused come later",
  async () => {
    const many = Array.from({ length: 2 * (queueHolds ?? 0) }, () => first.prompt);
    const runner = createRunner({ engine: await connect(), dialect: threadweaver, concurrency: many.length });
    const options = { mode: "sequential", maxTokens: 30, temperature: 0, retry: { perCall: 30, maxMs: 2000 } } as const;
    const results = await Promise.all(many.map((prompt) => runner.run({ prompt }, options).result));
    const texts = new Set(results.map(({ text }) => text));
    expect([...texts]).toEqual([first.text.slice(first.prompt.length).slice(0, [...texts][0]?.length)]);
    expect(results.some(({ retries }) => retries > 0)).toBe(true);
    await expect.poll(callsAtServer, { timeout: 20_000 }).toBe(0);
  },
);
