import { describe, expect, it } from "vitest";
import { createEngine } from "../../src/engine/openai.ts";
import { probeServer } from "../../src/engine/openai.ts";
import type { FakeServer } from "../../src/testing/index.ts";
import { open, send } from "./support.ts";

const path = "/v1/chat/completions";
const user = { role: "user", content: " Why? " };
const partial = { role: "assistant", content: "Because " };

async function chat(server: FakeServer, body: Record<string, unknown>): Promise<{ status: number; text: string }> {
  const response = await send(server, { messages: [user], ...body }, { path });
  return { status: response.status, text: await response.text() };
}

describe("a server of chats alone", () => {
  it("asks the model with the rendered messages, streamed or not", async () => {
    const prompts: string[] = [];
    const model = (prompt: string): string => (prompts.push(prompt), "So.");
    const server = await open({ kind: "chat", model, probed: model });
    const whole = JSON.parse((await chat(server, {})).text) as unknown;
    expect(whole).toMatchObject({
      object: "chat.completion",
      choices: [{ message: { role: "assistant", content: "So." }, finish_reason: "stop" }],
      usage: { completion_tokens: 4 },
    });
    const { text } = await chat(server, { stream: true });
    const said = [...text.matchAll(/"content":"(.*?)"/g)].map(([, content]) => content);
    expect(said).toEqual(["", "S", "o", ".", ""]);
    expect(prompts).toEqual(["<s>Why?\n", "<s>Why?\n"]);
    expect(server.calls[0]?.body["messages"]).toEqual([user]);
    expect(server.probes).toHaveLength(1);
    expect((await send(server, { prompt: "a" })).status).toBe(404);
  });

  it.each([
    [{ messages: [user, partial] }],
    [{ messages: [user, partial], continue_final_message: true, add_generation_prompt: false }],
    [{ messages: [] }],
  ])("refuses %j", async (body) => {
    expect(await chat(await open({ kind: "chat" }), body)).toMatchObject({
      status: 400,
      text: expect.stringContaining('"error":{"message":') as string,
    });
  });

  it("goes on with a last message where it is one that does", async () => {
    const prompts: string[] = [];
    const model = (prompt: string): string => (prompts.push(prompt), "so.");
    const server = await open({ kind: "chat", continuesChats: true, model, probed: model });
    const body = { messages: [user, partial], continue_final_message: true, add_generation_prompt: false };
    expect((await chat(server, body)).status).toBe(200);
    expect(prompts).toEqual(["<s>Why?\nBecause "]);
  });

  it.each([
    [false, "chat-only"],
    [true, "chat-continue"],
  ] as const)("that goes on with messages: %j, is of the tier %s", async (continuesChats, tier) => {
    const server = await open({ kind: "chat", continuesChats });
    expect(await probeServer({ baseURL: server.baseURL, contextTokens: 1000 })).toMatchObject({ tier });
    const engine = await createEngine({ baseURL: server.baseURL, contextTokens: 1000 });
    expect(engine.tier).toBe(tier);
    await engine.close();
  });
});
