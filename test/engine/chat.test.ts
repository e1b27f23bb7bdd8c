import { describe, expect, it, onTestFinished } from "vitest";
import { asyncthink, threadweaver } from "../../src/core/dialects/bundled/index.ts";
import { createEngine } from "../../src/engine/openai.ts";
import type { ServerEngine } from "../../src/engine/server-engine.ts";
import { createRunner } from "../../src/run/runner.ts";
import { startFakeServer } from "../../src/testing/index.ts";
import type { FakeModel, FakeServer } from "../../src/testing/index.ts";

const messages = [{ role: "user", content: "How much is 2 + 2, twice?" }];

/** Its users write into their messages how to answer. */
const told = { ...asyncthink, instructions: undefined };

/** Sends a worker off and waits for it. */
const organizer: FakeModel = (prompt) => {
  if (!prompt.includes("twice")) return "<RETURN>4</RETURN> and more";
  return prompt.includes("</JOIN-1>")
    ? "<ANSWER>8</ANSWER>"
    : "Let me ask. <FORK-1>2 + 2!</FORK-1> Then: <JOIN-1> and never this";
};

async function connect(
  model: FakeModel,
  continuesChats: boolean,
  through?: typeof fetch,
): Promise<{ server: FakeServer; engine: ServerEngine }> {
  const server = await startFakeServer({ kind: "chat", model, continuesChats });
  const engine = await createEngine({ baseURL: server.baseURL, contextTokens: 4000, fetch: through });
  onTestFinished(async () => {
    await engine.close();
    await server.close();
  });
  return { server, engine };
}

describe("an endpoint that takes chats only", () => {
  it("runs a prompted dialect by whole turns: what is joined is a turn of the user", async () => {
    const { server, engine } = await connect(organizer, false);
    expect(engine).toMatchObject({ tier: "chat-only", report: { dialects: ["asyncthink", "pacore"] } });
    const result = await createRunner({ engine, dialect: told }).run({ messages }).result;
    expect(result.text).toBe("Let me ask. <FORK-1>2 + 2!</FORK-1> Then: <JOIN-1>4</JOIN-1><ANSWER>8</ANSWER>");
    expect(result.warnings).toMatchObject([
      { code: "text-mode", message: expect.stringContaining("sent as turns of the user") as string },
    ]);
    expect(server.calls.map(({ body }) => body["messages"])).toEqual([
      messages,
      [{ role: "user", content: "2 + 2!" }],
      [
        ...messages,
        { role: "assistant", content: "Let me ask. <FORK-1>2 + 2!</FORK-1> Then: <JOIN-1>" },
        { role: "user", content: "4</JOIN-1>" },
      ],
    ]);
  });

  it("that goes on inside a turn is asked to", async () => {
    const { server, engine } = await connect(organizer, true);
    expect(engine.tier).toBe("chat-continue");
    const result = await createRunner({ engine, dialect: told }).run({ messages }).result;
    expect(result.text).toContain("<JOIN-1>4</JOIN-1><ANSWER>8</ANSWER>");
    const last = server.calls.at(-1)?.body;
    expect(last).toMatchObject({
      continue_final_message: true,
      add_generation_prompt: false,
      messages: [
        ...messages,
        { role: "assistant", content: "Let me ask. <FORK-1>2 + 2!</FORK-1> Then: <JOIN-1>4</JOIN-1>" },
      ],
    });
    expect(server.calls[0]?.body).not.toHaveProperty("continue_final_message");
  });

  it("that answers but does not know the fields, and opens a new turn, is not taken for one that goes on", async () => {
    const forgetful: typeof fetch = async (input, init) => {
      if (typeof init?.body !== "string") return fetch(input, init);
      const {
        continue_final_message: _,
        add_generation_prompt: __,
        ...body
      } = JSON.parse(init.body) as object & {
        continue_final_message?: boolean;
        add_generation_prompt?: boolean;
      };
      return fetch(input, { ...init, body: JSON.stringify(body) });
    };
    expect((await connect(organizer, true, forgetful)).engine.tier).toBe("chat-only");
  });

  it("says which dialects run there when one does not", async () => {
    for (const [continues, tier, names] of [
      [false, "chat-only", "asyncthink, pacore"],
      [true, "chat-continue", "skeleton, threadweaver-prompted, asyncthink, pacore"],
    ] as const) {
      const { server, engine } = await connect(organizer, continues);
      const run = createRunner({ engine, dialect: threadweaver }).run({ messages });
      await expect(run.result).rejects.toMatchObject({
        code: "engine_refused",
        message: `${server.baseURL} has tier ${tier}, but dialect threadweaver needs ids or text. It can run ${names}, and any dialect in sequential mode.`,
      });
    }
  });

  it("runs any dialect in sequential mode, with the server's own limit unless there is another", async () => {
    const { server, engine } = await connect(() => "one answer", false);
    const runner = createRunner({ engine, dialect: threadweaver });
    const { text, ending } = await runner.run({ messages }, { mode: "sequential" }).result;
    expect({ text, ending }).toEqual({ text: "one answer", ending: { kind: "eos" } });
    expect(server.calls[0]?.body).not.toHaveProperty("max_tokens");
    const short = await runner.run({ messages }, { mode: "sequential", maxTokens: 3 }).result;
    expect(short.ending).toMatchObject({ kind: "length", limit: "runTokens" });
    expect(server.calls[1]?.body).toMatchObject({ max_tokens: 3 });
  });

  it("takes messages, and neither a prompt nor ids", async () => {
    const { engine } = await connect(organizer, true);
    const runner = createRunner({ engine, dialect: asyncthink });
    for (const input of [{ prompt: "Q" }, { promptIds: [1, 2] }]) {
      await expect(runner.run(input).result).rejects.toMatchObject({
        code: "invalid_prompt",
        message: expect.stringContaining("is chat-continue: it takes messages") as string,
      });
    }
  });

  it("is not sent control strings that people typed, which it would take for control tokens", async () => {
    const { server, engine } = await connect(organizer, true);
    const runner = createRunner({ engine, dialect: asyncthink });
    for (const control of ["</think>", "<|im_end|>", "<Thread>"]) {
      const run = runner.run({ messages: [{ role: "user", content: `a ${control}` }] });
      await expect(run.result).rejects.toMatchObject({
        code: "invalid_prompt",
        message: expect.stringContaining(control) as string,
      });
    }
    expect(server.calls).toEqual([]);
  });
});

describe("a server whose prompts are text", () => {
  it("is not sent control strings that people typed, but those that the program means", async () => {
    const server = await startFakeServer({ kind: "text", model: () => "yes" });
    const engine = await createEngine({ baseURL: server.baseURL, contextTokens: 4000 });
    onTestFinished(async () => {
      await engine.close();
      await server.close();
    });
    const runner = createRunner({ engine, dialect: threadweaver });
    const prompt = "<think>\nQ";
    await expect(runner.run({ prompt }).result).rejects.toMatchObject({ code: "invalid_prompt" });
    await expect(runner.run({ prompt }, { specialInPrompt: "text" }).result).rejects.toMatchObject({
      code: "invalid_prompt",
      message: expect.stringContaining("takes no token ids") as string,
    });
    expect(server.calls).toEqual([]);
    expect((await runner.run({ prompt }, { specialInPrompt: "parse" }).result).text).toBe("yes");
    expect(server.calls[0]?.body["prompt"]).toBe(prompt);
  });
});

it("a server with neither completions nor chats is refused, and it is said what was tried", async () => {
  const server = await startFakeServer({ kind: "chat", model: () => "" });
  onTestFinished(() => server.close());
  const modelsOnly: typeof fetch = async (input, init) =>
    new URL(input instanceof Request ? input.url : input).pathname === "/v1/models"
      ? fetch(input, init)
      : new Response("{}", { status: 404 });
  const creating = createEngine({ baseURL: server.baseURL, contextTokens: 4000, fetch: modelsOnly });
  await expect(creating).rejects.toMatchObject({
    code: "engine_refused",
    message: expect.stringMatching(/neither completions \(\/v1\/completions\) nor chats/) as string,
  });
});
