import { readFileSync, writeFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { openEngine } from "../../src/cli/engine.ts";
import type { EngineChoice } from "../../src/cli/engine.ts";
import type { ChatMessage } from "../../src/core/trie/piece.ts";
import type { Engine } from "../../src/engine/engine.ts";
import { createEngine } from "../../src/engine/openai.ts";
import { startFakeServer } from "../../src/testing/index.ts";
import { scriptedEngine } from "../run/scripted-engine.ts";
import { cli, jsonLines, temporaryFolder } from "./support.ts";

const question = "Answer in <ANSWER></ANSWER>. Helpers answer in <RETURN></RETURN>.";

it("a chat-only server runs a file of messages, whose words on the format are text", async () => {
  await using server = await startFakeServer({
    kind: "chat",
    model(prompt) {
      if (!prompt.includes(question)) return "<RETURN>4</RETURN>";
      return prompt.includes("4</JOIN-1>") ? "<ANSWER>8</ANSWER>" : "<FORK-1>2 + 2</FORK-1><JOIN-1>";
    },
  });
  const path = temporaryFolder();
  const messages = [{ role: "user", content: question }];
  writeFileSync(path("in.jsonl"), `${JSON.stringify({ id: "a", messages })}\n`);
  const args = ["run", "--engine", server.baseURL, "--dialect", "asyncthink", "--context-tokens", "4000"];
  args.push("--input", path("in.jsonl"), "--output", path("out.jsonl"));
  const asked = await cli(args, { engine: () => Promise.reject(new Error("only what is asked for matters")) });
  const engine = await openEngine((asked.opened as [EngineChoice])[0]);
  const { code, stderr } = await cli([...args, "--overwrite"], { engine });
  expect({ code, stderr }).toMatchObject({ code: 0 });
  expect(jsonLines(readFileSync(path("out.jsonl"), "utf8"))).toMatchObject([
    { id: "a", text: "<FORK-1>2 + 2</FORK-1><JOIN-1>4</JOIN-1><ANSWER>8</ANSWER>" },
  ]);
});

/** What was rendered, and what `run` printed. */
async function ran(args: readonly string[], { template = true, stdin = "" } = {}) {
  const inner = scriptedEngine(() => ({ text: "4" }));
  const rendered: (readonly ChatMessage[])[] = [];
  const options: unknown[] = [];
  const renderChat: Engine["tokenizer"]["renderChat"] = (messages, given) => {
    rendered.push(messages);
    options.push(given?.templateOptions);
    return inner.tokenizer.renderChat(messages, given);
  };
  const tokenizer = { ...inner.tokenizer, renderChat, hasChatTemplate: () => template };
  const outcome = await cli(["run", "--model", "own.gguf", "--json", ...args], {
    engine: { ...inner, tokenizer },
    stdin,
  });
  return { ...outcome, rendered, options, sent: inner.requests.at(0)?.prompt };
}

const said = "The model has a chat template: the prompt is sent as a message of the user (--raw sends it as it is).\n";
const sum = { role: "user", content: "2 + 2?" };

describe("a prompt on the command line", () => {
  it("is a message of the user where the model has a chat template, and one line says so", async () => {
    const { code, stderr, rendered } = await ran(["2 + 2?"]);
    expect({ code, stderr, rendered }).toEqual({ code: 0, stderr: said, rendered: [[sum]] });
  });

  it.each([
    ["with --raw", ["2 + 2?", "--raw"], {}],
    ["from stdin", ["-"], { stdin: "2 + 2?" }],
    ["for a model without a template", ["2 + 2?"], { template: false }],
    ["whose control strings are said to be tokens", ["2 + 2?", "--special-in-prompt", "parse"], {}],
  ])("is sent as it is %s", async (_, args, outside) => {
    const { code, stderr, rendered, sent } = await ran(args, outside);
    expect({ code, stderr, rendered }).toEqual({ code: 0, stderr: "", rendered: [] });
    expect(String.fromCodePoint(...(sent ?? []).slice(1))).toBe("2 + 2?");
  });

  it("has a system message before it, also from stdin", async () => {
    const chat = [{ role: "system", content: "Be brief." }, sum];
    expect(await ran(["2 + 2?", "--system", "Be brief."])).toMatchObject({ code: 0, stderr: "", rendered: [chat] });
    const piped = await ran(["-", "--system", "Be brief."], { stdin: "2 + 2?" });
    expect(piped).toMatchObject({ code: 0, stderr: "", rendered: [chat] });
  });

  it("has values for the template", async () => {
    const flags = ["--template-option", "enable_thinking=false", "--template-option", "effort=high"];
    expect((await ran(["2 + 2?", ...flags])).options).toEqual([{ enable_thinking: false, effort: "high" }]);
    expect(await ran(["2 + 2?", "--template-option", "nonsense"])).toMatchObject({
      code: 2,
      stderr: expect.stringContaining("expected a name, = and a value, such as enable_thinking=false") as string,
    });
  });
});

describe("--messages", () => {
  const chat = [{ role: "system", content: "Be brief." }, sum, { role: "assistant", content: "4", trusted: true }];

  it.each([
    ["a list of messages", JSON.stringify(chat)],
    ["the body of a request", JSON.stringify({ model: "m", messages: chat })],
  ])("takes %s, from a file or from stdin", async (_, json) => {
    const path = temporaryFolder()("chat.json");
    writeFileSync(path, `\uFEFF${json}`);
    expect(await ran(["--messages", path])).toMatchObject({ code: 0, stderr: "", rendered: [chat] });
    expect(await ran(["--messages", "-"], { stdin: json })).toMatchObject({ code: 0, rendered: [chat] });
  });

  it.each([
    ["no JSON", "{", 'is not JSON: .*Expected a list of messages such as \\[{"role": "user"'],
    ["no messages", "{}", "messages is an object; it must be a list of messages"],
    ["an empty list", "[]", "messages is empty: nothing to answer"],
    ["a message without a content", '[{"role": "user"}]', "messages\\[0\\].content is undefined; it must be a string"],
    ["a picture", '[{"role": "user", "content": [{"type": "image_url"}]}]', "content\\[0\\] is no text part"],
  ])("given %s says so before an engine is opened", async (_, json, message) => {
    const { code, stderr, opened } = await ran(["--messages", "-"], { stdin: json });
    expect({ code, opened }).toEqual({ code: 2, opened: [] });
    expect(stderr).toMatch(new RegExp(`^threadweaver: --messages stdin.*${message}`));
  });

  it.each([
    [["2 + 2?", "--messages", "x.json"], "A prompt and --messages exclude each other."],
    [["--raw", "--messages", "x.json"], "--raw sends a prompt as it is"],
    [["2 + 2?", "--raw", "--system", "x"], "--raw sends a prompt as it is"],
    [["--messages", "/none.json"], "--messages /none.json cannot be read"],
  ])("with %j is refused", async (args, message) => {
    const { code, stderr, opened } = await ran(args);
    expect({ code, opened }).toEqual({ code: 2, opened: [] });
    expect(stderr).toContain(message);
  });
});

it("a chat-only server takes a prompt, and lines of prompts, as messages of the user", async () => {
  await using server = await startFakeServer({ kind: "chat", model: () => "<ANSWER>4</ANSWER>" });
  const engine = await createEngine({ baseURL: server.baseURL, contextTokens: 4000 });
  const args = ["run", "--engine", server.baseURL, "--dialect", "asyncthink", "--context-tokens", "4000"];
  const one = await cli([...args, "2 + 2?"], { engine });
  expect(one).toMatchObject({ code: 0, stdout: "<ANSWER>4</ANSWER>\n" });
  expect(one.stderr).toContain("The server takes chats only: the prompt is sent as a message of the user.\n");
  const again = await createEngine({ baseURL: server.baseURL, contextTokens: 4000 });
  const line = `${JSON.stringify({ id: "a", prompt: "2 + 2?" })}\n`;
  const many = await cli([...args, "--input", "-", "--output", "-"], { engine: again, stdin: line });
  expect(jsonLines(many.stdout)).toMatchObject([{ id: "a", text: "<ANSWER>4</ANSWER>" }]);
  const asked = server.calls.map(({ body }) => body["messages"] as ChatMessage[]);
  expect(asked.map((messages) => messages.at(-1))).toEqual([sum, sum]);
  expect(asked.map((messages) => messages[0]?.role)).toEqual(["system", "system"]);
});
