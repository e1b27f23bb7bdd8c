import { describe, expect, it } from "vitest";
import { createEngine, createRunner, defineDialect, threadweaver, ThreadweaverError } from "../../src/index.ts";
import { llamaEngine } from "../../src/llama/index.ts";
import { startFakeServer } from "../../src/testing/index.ts";
import { planned, scriptedEngine } from "../run/scripted-engine.ts";

/** What people who program without types write: each is taken, or explained by the name of what is wrong. */
const engine = scriptedEngine(planned({ "1": { text: " x</Thread>" } }));
const runner = createRunner({ engine, dialect: threadweaver });
const user = (content: unknown) => ({ messages: [{ role: "user", content }] });

const taken: [string, () => unknown][] = [
  ["a dialect's name", () => createRunner({ engine, dialect: "threadweaver" }).run({ prompt: "Q" }).result],
  ["OpenAI's text parts", () => runner.run(user([{ type: "text", text: "Q" }]) as never).result],
  ["one stop string", () => runner.run({ prompt: "Q" }, { stop: "END" }).result],
  ["a signal that is none of this realm's", () => runner.run({ prompt: "Q" }, { signal: polyfill() as never }).result],
  ["options that are undefined", () => runner.run({ prompt: "Q" }, undefined).result],
];

const explained: [string, () => unknown, string, RegExp][] = [
  [
    "a misspelt option",
    () => runner.run({ prompt: "Q" }, { temprature: 3 } as never),
    "invalid_option",
    /there is no option temprature \(there are temperature,/,
  ],
  ["a typed marker", () => runner.run({ prompt: "a <Thread>" }).result, "invalid_prompt", /<Thread>.*specialInPrompt/s],
  ["a bare prompt", () => runner.run("hello" as never).result, "invalid_prompt", /\{ prompt: "hello" \}/],
  [
    "a prompt that is no string",
    () => runner.run({ prompt: 5 } as never).result,
    "invalid_prompt",
    /prompt is 5; it must be a string/,
  ],
  [
    "a content that is missing",
    () => runner.run(user(null) as never).result,
    "invalid_prompt",
    /messages\[0\]\.content is null/,
  ],
  [
    "an image",
    () => runner.run(user([{ type: "image_url" }]) as never).result,
    "invalid_prompt",
    /content\[0\] is no text part/,
  ],
  ["no input", () => runner.run(undefined as never).result, "invalid_prompt", /is given undefined/],
  [
    "null for options",
    () => runner.run({ prompt: "Q" }, null as never),
    "invalid_option",
    /run options are an object, not null/,
  ],
  [
    "a string for a signal",
    () => runner.run({ prompt: "Q" }, { signal: "now" as never }),
    "invalid_option",
    /signal: must be an AbortSignal, not "now"/,
  ],
  [
    "a misspelt dialect",
    () => createRunner({ engine, dialect: "threadwaever" }),
    "invalid_option",
    /bundled are threadweaver,/,
  ],
  [
    "an unknown option of a runner",
    () => createRunner({ engine, dialect: threadweaver, foo: 1 } as never),
    "invalid_option",
    /there is no option foo \(there are engine,/,
  ],
  [
    "an engine that was not awaited",
    () => createRunner({ engine: Promise.resolve(engine) as never }),
    "invalid_option",
    /write `engine: await createEngine/,
  ],
  [
    "no options for a runner",
    () => createRunner(undefined as never),
    "invalid_option",
    /Invalid options for createRunner/,
  ],
  [
    "a run without a dialect",
    () => createRunner({ engine }).run({ prompt: "Q" }),
    "invalid_option",
    /dialect: threadweaver/,
  ],
  [
    "an unknown option of a server's engine",
    () => createEngine({ baseUrl: "http://127.0.0.1:9" } as never),
    "invalid_option",
    /there is no option baseUrl \(there are baseURL,/,
  ],
  [
    "an address without a scheme",
    () => createEngine({ baseURL: "127.0.0.1:8000" }),
    "invalid_option",
    /baseURL: an address such as http/,
  ],
  [
    "an unknown option of the embedded engine",
    () => llamaEngine({ path: "a.gguf" } as never),
    "invalid_option",
    /there is no option path \(there are model,/,
  ],
  [
    "a dialect with an unknown field",
    () => defineDialect({ ...threadweaver, stops: [] } as never),
    "invalid_dialect",
    /stops/,
  ],
  [
    "a misspelt switch of a fake server",
    () => startFakeServer({ model: () => "hi", tokensPerChunks: 2 } as never),
    "invalid_option",
    /there is no option tokensPerChunks \(there are kind, model,/,
  ],
  [
    "a run after close",
    async () => {
      const closed = createRunner({ engine, dialect: threadweaver });
      await closed.close();
      return closed.run({ prompt: "Q" }).result;
    },
    "closed",
    /this runner was closed/,
  ],
];

describe("what people write", () => {
  it.each(taken)("is taken: %s", async (_, make) => {
    await expect(make()).resolves.toMatchObject({ complete: true });
  });

  it.each(explained)("is explained: %s", async (_, make, code, message) => {
    const error: unknown = await (async () => make())().catch((thrown: unknown) => thrown);
    if (!ThreadweaverError.isInstance(error)) expect.fail(`not an error of ours: ${String(error)}`);
    expect({ code: error.code, message: error.message }).toEqual({ code, message: expect.stringMatching(message) });
  });
});

function polyfill(): object {
  return { aborted: false, addEventListener: () => {}, removeEventListener: () => {} };
}
