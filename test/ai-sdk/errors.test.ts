import { generateText, streamText } from "ai";
import {
  APICallError,
  InvalidArgumentError,
  InvalidPromptError,
  UnsupportedFunctionalityError,
  type LanguageModelV4Prompt,
} from "@ai-sdk/provider";
import { describe, expect, it } from "vitest";
import { createLanguageModel } from "../../src/ai-sdk/index.ts";
import { threadweaver } from "../../src/core/dialects/bundled/index.ts";
import { createEngine } from "../../src/engine/openai.ts";
import { ThreadweaverError } from "../../src/errors.ts";
import { startFakeServer, type FakeAnswer } from "../../src/testing/index.ts";
import { callOf, partsOf, runMetadata, textsOf } from "./parts.ts";

const plan = "Split.<Parallel>\n<Outlines>\n<Outline>1: a</Outline>\n<Outline>2: b</Outline>\n</Outlines>";

async function serving(model: (prompt: string, call: number) => string | FakeAnswer, retry: object | false = false) {
  const server = await startFakeServer({ model });
  const engine = await createEngine({ baseURL: server.baseURL });
  const heard: string[] = [];
  return {
    server,
    heard,
    model: createLanguageModel({
      engine,
      dialect: threadweaver,
      run: { retry, onEvent: ({ type }) => heard.push(type) },
    }),
    async [Symbol.asyncDispose]() {
      await engine.close();
      await server.close();
    },
  };
}

async function errorOf(work: () => PromiseLike<unknown>): Promise<unknown> {
  try {
    await work();
  } catch (error) {
    return error;
  }
  throw new Error("nothing went wrong");
}

describe("what goes wrong, as the SDK says it", () => {
  it("is an API error of the server's status, which the SDK does not try again", async () => {
    await using serve = await serving(() => ({ text: "", refusal: { status: 503 } }));
    const error = await errorOf(() => generateText({ model: serve.model, prompt: "Q" }));
    expect(APICallError.isInstance(error)).toBe(true);
    expect(error).toMatchObject({ statusCode: 503, isRetryable: false, url: serve.server.baseURL });
    expect(ThreadweaverError.isInstance((error as Error).cause)).toBe(true);
  });

  it("is tried again by the run alone", async () => {
    await using serve = await serving((_, call) => (call < 2 ? { text: "", refusal: { status: 503 } } : "fine"), {
      baseMs: 0,
    });
    const { text } = await generateText({ model: serve.model, prompt: "Q" });
    expect(text).toBe("fine");
  });

  it("ends a stream that has begun with an error part, after what had come", async () => {
    await using serve = await serving((prompt) => {
      if (/<Thread>\n\d:$/.test(prompt)) return " done</Thread>";
      return prompt.includes("</Outlines>") ? { text: "</Parallel>so</think>half", ending: "drop" } : plan;
    });
    const parts = await partsOf(serve.model, callOf("Q"));
    expect(parts.map(({ type }) => type).slice(-2)).toEqual(["error", "finish"]);
    const texts = textsOf(parts);
    expect([...texts.keys()]).toEqual(["0", "0/1.1", "0/1.2", "text"]);
    expect(texts.get("text")).toBe("half");
    const failed = parts.find((part) => part.type === "error");
    expect(APICallError.isInstance(failed?.error)).toBe(true);
    expect(parts.at(-1)).toMatchObject({ finishReason: { unified: "error", raw: "failed" } });

    const errors: unknown[] = [];
    const { fullStream } = streamText({
      model: serve.model,
      prompt: "Q",
      onError: ({ error }) => void errors.push(error),
    });
    for await (const _ of fullStream);
    expect(errors).toHaveLength(1);
    expect(APICallError.isInstance(errors[0])).toBe(true);
  });

  it("is no error where a thread is lost and the run goes on: the metadata say so", async () => {
    await using serve = await serving((prompt) => {
      if (prompt.endsWith("<Thread>\n2:")) return { text: " half", ending: "drop" };
      if (prompt.endsWith("<Thread>\n1:")) return " done</Thread>";
      return prompt.includes("</Outlines>") ? "</Parallel>so</think>12" : plan;
    });
    const result = await generateText({ model: serve.model, prompt: "Q" });
    expect(result.text).toBe("12");
    expect(runMetadata(result)).toMatchObject({
      complete: false,
      warnings: [{ code: "thread-failed", threadId: "0/1.2" }],
    });
  });

  it("is a prompt error for a prompt that cannot be run", async () => {
    await using serve = await serving(() => "x");
    const long = await errorOf(() => generateText({ model: serve.model, prompt: "long ".repeat(1000) }));
    expect(InvalidPromptError.isInstance(long)).toBe(true);
  });

  it("is an argument error that names the option, and those that there are", async () => {
    await using serve = await serving(() => "x");
    const withOptions = (own: Record<string, string | number>) =>
      errorOf(() => generateText({ model: serve.model, prompt: "Q", providerOptions: { threadweaver: own } }));
    const errors = [
      [await withOptions({ maxTreads: 3 }), /there is no option maxTreads \(there are dialect, policy, mode,/],
      [await withOptions({ maxThreads: 0 }), /maxThreads: /],
      [await withOptions({ dialect: "threadwaever" }), /there is no dialect "threadwaever"; bundled are threadweaver,/],
      [await withOptions({ policy: "fastest" }), /policy: "fastest" names no policy: there are/],
      [await errorOf(() => generateText({ model: serve.model, prompt: "Q", temperature: 99 })), /temperature: /],
    ] as const;
    for (const [error, message] of errors) {
      expect(InvalidArgumentError.isInstance(error), String(error)).toBe(true);
      expect((error as Error).message).toMatch(message);
    }
  });

  it("is a missing feature for a part of a prompt that would be lost", async () => {
    await using serve = await serving(() => "x");
    const image = { type: "file", mediaType: "image/png", data: { type: "data", data: new Uint8Array([1]) } } as const;
    const call = { type: "tool-call", toolCallId: "1", toolName: "clock", input: {} } as const;
    const prompts: LanguageModelV4Prompt[] = [
      [{ role: "user", content: [image] }],
      [{ role: "assistant", content: [call] }],
    ];
    for (const prompt of prompts) {
      const error = await errorOf(() => serve.model.doGenerate({ prompt }));
      expect(UnsupportedFunctionalityError.isInstance(error)).toBe(true);
      expect((error as Error).message).toMatch(/only text can be sent/);
    }
  });

  it("is the abort itself where the caller ended it", async () => {
    await using serve = await serving(() => ({ text: "so ", ending: "silence" }));
    const controller = new AbortController();
    const running = errorOf(() => generateText({ model: serve.model, prompt: "Q", abortSignal: controller.signal }));
    await expect.poll(() => serve.server.calls.length).toBe(1);
    await expect.poll(() => serve.heard.length).toBeGreaterThan(3);
    controller.abort();
    expect(await running).toMatchObject({ name: "AbortError", code: "aborted", partial: { text: "so " } });
    await expect.poll(() => serve.server.calls[0]?.hungUp).toBe(true);
  });
});

describe("what is sent", () => {
  it("is the conversation without earlier thinking, with the headers of the call", async () => {
    await using serve = await serving(() => "fine");
    await generateText({
      model: serve.model,
      instructions: "Be brief.",
      messages: [
        { role: "user", content: "Hello" },
        {
          role: "assistant",
          content: [
            { type: "reasoning", text: "They greet me." },
            { type: "text", text: "Hi." },
          ],
        },
        {
          role: "user",
          content: [
            { type: "text", text: "And " },
            { type: "text", text: "now?" },
          ],
        },
      ],
      headers: { "x-tenant": "seven" },
    });
    const [call] = serve.server.calls;
    const sent = serve.server.tokenizer.decode([...(call?.prompt ?? [])]);
    expect(sent).toMatch(/Be brief\.[^]*Hello[^]*Hi\.[^]*And now\?/);
    expect(sent).not.toContain("greet");
    expect(call?.headers["x-tenant"]).toBe("seven");
  });
});
