import { expect, it, onTestFinished } from "vitest";
import { threadweaver } from "../../src/core/dialects/bundled/index.ts";
import { createEngine } from "../../src/engine/openai.ts";
import { createRunner } from "../../src/run/runner.ts";
import { startFakeServer } from "../../src/testing/index.ts";
import type { FakeServer } from "../../src/testing/index.ts";

const plan = `<Outlines>\n${[1, 2, 3, 4].map((n) => `<Outline>${n}: a</Outline>\n`).join("")}</Outlines>`;

it("llama.cpp is never asked for more calls at once than it has slots, by however many runs", async () => {
  let most = 0;
  const server: FakeServer = await startFakeServer({
    kind: "llamacpp",
    slots: 3,
    chunkDelayMs: 1,
    model(prompt) {
      most = Math.max(most, server.running);
      if (/<Thread>\n\d:$/.test(prompt)) return " done</Thread>";
      return prompt.endsWith("</Thread>\n") ? "</Parallel>" : plan;
    },
  });
  const engine = await createEngine({ baseURL: server.baseURL });
  onTestFinished(async () => {
    await engine.close();
    await server.close();
  });
  expect(engine).toMatchObject({ parallelCalls: 3, report: { advice: [expect.stringContaining("-np")] } });
  const runner = createRunner({ engine, dialect: threadweaver });
  const results = await Promise.all(["a", "b", "c"].map((prompt) => runner.run({ prompt }).result));
  for (const { threads } of results) expect(threads).toHaveLength(4);
  expect(most).toBe(3);
});
