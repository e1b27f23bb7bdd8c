import { describe, expect, it } from "vitest";
import { createEngine } from "../../../src/engine/openai.ts";
import { createRunner } from "../../../src/run/runner.ts";
import { startFakeServer, type FakeServerOptions } from "../../../src/testing/index.ts";

/** Longer than what calls share without being told: the system message of other forks. */
const system = { role: "system", content: "You answer questions about contracts, shortly and exactly. ".repeat(6) };
const messages = [system, { role: "user", content: "§ 1 The parties are A and B. ".repeat(20) }];
const branches = Array.from({ length: 8 }, (_, i) => ({ ask: `Question ${i + 1}?` }));
const join = { combine: "Sum up: {results}" };
/** What the model's template makes of them; each message is a line. */
const trunk = messages.map(({ content }) => `${content.trim()}\n`).join("");

const model = (prompt: string) => {
  const last = prompt.trim().split("\n").at(-1) ?? "";
  return last.startsWith("Question") ? `A${last.slice(9, 10)}` : "All in all.";
};

async function fork(options: Pick<FakeServerOptions, "kind" | "cacheBlock">) {
  await using server = await startFakeServer({ ...options, model, contextTokens: 4096 });
  await using engine = await createEngine({
    baseURL: server.baseURL,
    ...(options.kind === "chat" && { contextTokens: 4096 }),
  });
  const result = await createRunner({ engine }).fork({ messages }, branches, { join }).result;
  return { result, calls: server.calls.slice(-9), engine };
}

describe.each([{ kind: "vllm" }, { kind: "sglang" }, { kind: "llamacpp" }] as const)("on $kind", ({ kind }) => {
  it("each branch is sent what the template makes of its messages, and main what it makes of the results", async () => {
    const { result, calls } = await fork({ kind });
    const sent = calls.map(({ prompt }) => Buffer.from(prompt.filter((id) => id < 256)).toString());
    const answers = branches.map((_, i) => `${i + 1}:\nA${i + 1}`);
    expect(sent.slice(0, 8).toSorted()).toEqual(branches.map(({ ask }) => `${trunk}${ask}\n`));
    expect(sent[8]).toBe(`${trunk}Sum up: ${answers.join("\n\n")}\n`);
    expect(result.threads.map(({ text }) => text)).toEqual(branches.map((_, i) => `A${i + 1}`));
    expect(result).toMatchObject({ text: "All in all.", complete: true, retries: 0 });
  });
});

// vLLM knows the blocks of calls that it has begun; what the fake has of that is what was computed.
describe("the trunk is computed once on SGLang, which shares only what it has computed", () => {
  it.each(["a first fork", "a fork after another one with the same system message"])("%s", async (which) => {
    await using server = await startFakeServer({ kind: "sglang", model, contextTokens: 4096 });
    await using engine = await createEngine({ baseURL: server.baseURL });
    const runner = createRunner({ engine });
    const other = [system, { role: "user", content: "Another one." }];
    if (which !== "a first fork") await runner.fork({ messages: other }, branches).result;
    const { threads, tokens } = await runner.fork({ messages }, branches).result;
    const cached = threads.map(({ calls }) => calls[0]?.cachedTokens ?? 0).toSorted((a, b) => a - b);
    expect(tokens.prompt).toBeGreaterThan(900);
    expect(cached[0]).toBeLessThan(tokens.prompt);
    for (const own of cached.slice(1)) expect(own).toBeGreaterThanOrEqual(tokens.prompt);
  });
});

it("on a server without a tokenizer a prompt is continued, and messages are refused", async () => {
  await using server = await startFakeServer({ kind: "text", model: () => "4" });
  await using engine = await createEngine({ baseURL: server.baseURL, contextTokens: 1000 });
  const runner = createRunner({ engine });
  const { threads } = await runner.fork({ prompt: "Sums: " }, [{ continue: "2+2=" }, { continue: "1+3=" }]).result;
  expect(threads.map(({ text }) => text)).toEqual(["4", "4"]);
  expect(server.calls.slice(-2).map(({ body }) => body["prompt"])).toEqual(["Sums: 2+2=", "Sums: 1+3="]);
  await expect(runner.fork({ messages }, branches).result).rejects.toMatchObject({
    code: "invalid_prompt",
    message: expect.stringMatching(/^branches\[0\] \("1"\): This server does not render chat templates/) as string,
  });
});

it("on an endpoint of whole turns each branch is a chat of its own", async () => {
  const { result, calls } = await fork({ kind: "chat" });
  const turn = (content: string) => ({ role: "user", content });
  const sent = calls.map(({ body }) => body["messages"] as unknown[]);
  expect(sent.slice(0, 8).map((chat) => chat.at(-1))).toEqual(branches.map(({ ask }) => turn(ask)));
  for (const chat of sent) expect(chat.slice(0, -1)).toEqual(messages);
  expect(sent[8]?.at(-1)).toMatchObject({ content: expect.stringMatching(/^Sum up: 1:\nA1\n\n2:/) as string });
  expect(result).toMatchObject({ text: "All in all.", complete: true });
});
