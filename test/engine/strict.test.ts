import { expect, it } from "vitest";
import { threadweaver } from "../../src/core/dialects/bundled/index.ts";
import { createEngine } from "../../src/engine/openai.ts";
import { createRunner } from "../../src/run/runner.ts";
import { startFakeServer } from "../../src/testing/index.ts";

it.each([
  ["text", "text"],
  ["chat", "chat-only"],
] as const)("a server that refuses fields it does not know is asked without them: %s", async (kind, tier) => {
  await using server = await startFakeServer({ kind, model: () => "yes", unknownFields: "refused" });
  const engine = await createEngine({ baseURL: server.baseURL, contextTokens: 100 });
  expect(engine.tier).toBe(tier);
  const input = kind === "chat" ? { messages: [{ role: "user", content: "Q" }] } : { prompt: "Q" };
  const run = createRunner({ engine, dialect: threadweaver }).run(input, { mode: "sequential" });
  expect(await run.result).toMatchObject({ text: "yes", ending: { kind: "eos" } });
  await engine.close();
});
