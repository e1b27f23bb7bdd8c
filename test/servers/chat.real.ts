import { describe, expect, it } from "vitest";
import { defineDialect } from "../../src/core/dialects/dialect.ts";
import { threadweaver } from "../../src/core/dialects/bundled/index.ts";
import { createRunner } from "../../src/run/runner.ts";
import { connect, first, kind, runnerOn, transcripts } from "./support.ts";

/** The server's chats instead of its completions. */
const chats = { profile: { request: { promptAs: "messages" } } } as const;
const messagesOf = (prompt: string) => [{ role: "user", content: prompt.trim() }];
const messages = messagesOf(first.prompt);
/** The small model's template shows the user's turns only: with it all but vLLM can go on inside a turn. */
const tier = kind === "vllm" ? "chat-only" : "chat-continue";

/** What runs there: a prompted format that goes on inside a turn needs more than whole turns. */
const names = [...(tier === "chat-only" ? [] : ["skeleton", "threadweaver-prompted"]), "asyncthink", "pacore"];

describe("the server's chats", () => {
  it("give the same text in sequential mode as its completions", async () => {
    const engine = await connect(chats);
    expect(engine.report).toMatchObject({ tier, dialects: names });
    const result = await runnerOn(engine).run({ messages }, { mode: "sequential" }).result;
    expect(result.text).toBe(first.text.slice(first.prompt.length, -"</s>".length));
    expect(result.ending).toEqual({ kind: "eos" });
    expect(result.warnings).toMatchObject([{ code: "text-mode" }]);
  });

  it("end where fewer tokens were asked for", async () => {
    const run = runnerOn(await connect(chats)).run({ messages }, { mode: "sequential", maxTokens: 10 });
    expect(await run.result).toMatchObject({ ending: { kind: "length", limit: "runTokens" } });
  });

  it("do not run a dialect that goes on from any text, and say what they run", async () => {
    const run = createRunner({ engine: await connect(chats), dialect: threadweaver }).run({ messages });
    await expect(run.result).rejects.toMatchObject({
      code: "engine_refused",
      message: expect.stringContaining(
        `has tier ${tier}, but dialect threadweaver needs ids or text. It can run ${names.join(", ")}`,
      ) as string,
    });
  });

  it.skipIf(kind === "vllm")("fork and join inside a turn, where a dialect says that it may", async () => {
    const dialect = defineDialect({ ...threadweaver, name: "threadweaver-chat", needs: "chat-continue" });
    const runner = createRunner({ engine: await connect(chats), dialect });
    for (const { prompt, text, threads } of transcripts.slice(0, 3)) {
      const result = await runner.run({ messages: messagesOf(prompt) }).result;
      expect(result.text).toBe(text.slice(prompt.length, -"</s>".length));
      expect(result.threads).toHaveLength(threads.length);
    }
  });
});
