import { describe, expect, it } from "vitest";
import { defineDialect } from "../../src/core/dialects/dialect.ts";
import { asyncthink, threadweaver } from "../../src/core/dialects/bundled/index.ts";
import { createEngine } from "../../src/engine/openai.ts";
import type { RenderChatOptions } from "../../src/engine/engine.ts";
import type { ChatMessage } from "../../src/core/trie/piece.ts";
import { createRunner } from "../../src/run/runner.ts";
import { startFakeServer } from "../../src/testing/index.ts";
import { scriptedEngine } from "./scripted-engine.ts";

/** An engine that remembers what it was to render. */
function watched(answer = "4") {
  const inner = scriptedEngine(() => ({ text: answer }));
  const rendered: { messages: readonly ChatMessage[]; options: RenderChatOptions | undefined }[] = [];
  const renderChat = (messages: readonly ChatMessage[], options?: RenderChatOptions) => {
    rendered.push({ messages, options });
    return inner.tokenizer.renderChat(messages, options);
  };
  return { engine: { ...inner, tokenizer: { ...inner.tokenizer, renderChat } }, rendered };
}

const question = { role: "user", content: "2 + 2?" };

describe("messages of a run", () => {
  it("may be trusted, and are not unless they say so", async () => {
    const { engine, rendered } = watched();
    const earlier = { role: "assistant", content: "<think>hm</think>4", trusted: true };
    const runner = createRunner({ engine, dialect: threadweaver });
    await runner.run({ messages: [question, earlier, { ...question, trusted: false }] }).result;
    expect(rendered[0]?.messages).toEqual([question, earlier, question]);
  });

  it("of a dialect's own may be trusted, too", async () => {
    const { engine, rendered } = watched("<FORK-1>2+2</FORK-1>");
    const example = { role: "assistant", content: "<RETURN>4</RETURN>", trusted: true };
    const dialect = defineDialect({
      ...asyncthink,
      name: "shown",
      context: { kind: "chat", messages: [example, { role: "user", content: "{text}" }] },
    });
    const runner = createRunner({ engine, dialect });
    await runner.run({ messages: [question] }).result;
    expect(rendered.at(-1)?.messages).toEqual([example, { role: "user", content: "2+2" }]);
  });

  it.each([
    [{ ...question, tool_calls: [] }, "messages[0].tool_calls would be lost: a message has a role and a content"],
    [{ ...question, content: [{ type: "image_url" }] }, 'messages[0].content[0] is no text part but "image_url"'],
    [{ ...question, trusted: "yes" }, 'messages[0].trusted is "yes"; it must be true or false'],
    [{ ...question, role: "\ud83d" }, "messages[0].role holds half a character"],
  ])("that cannot be meant are refused by name", async (message, expected) => {
    const { engine } = watched();
    const run = createRunner({ engine, dialect: threadweaver }).run({ messages: [message as never] });
    await expect(run.result).rejects.toMatchObject({
      code: "invalid_prompt",
      message: expect.stringContaining(expected) as string,
    });
  });
});

describe("templateOptions", () => {
  const templateOptions = { enable_thinking: false, tools: [{ name: "sum" }] };

  it("reach the model's template", async () => {
    const { engine, rendered } = watched();
    const runner = createRunner({ engine, dialect: threadweaver });
    await runner.run({ messages: [question] }, { templateOptions }).result;
    expect(rendered[0]?.options).toMatchObject({ templateOptions });
  });

  it("are sent to a server that renders messages itself, each where it has its place", async () => {
    await using server = await startFakeServer({ kind: "chat", model: () => "4" });
    await using engine = await createEngine({ baseURL: server.baseURL, contextTokens: 1000 });
    const runner = createRunner({ engine, dialect: asyncthink });
    await runner.run({ messages: [question] }, { templateOptions }).result;
    expect(server.calls.at(-1)?.body).toMatchObject({
      tools: [{ name: "sum" }],
      chat_template_kwargs: { enable_thinking: false },
    });
  });
});
