import { afterEach, describe, expect, it } from "vitest";
import type { Piece } from "../../src/core/trie/piece.ts";
import type { CompletionRequest, Engine } from "../../src/engine/engine.ts";
import { createEngine } from "../../src/engine/openai.ts";
import type { CreateEngineOptions } from "../../src/engine/openai.ts";
import { startFakeServer } from "../../src/testing/index.ts";
import type { FakeAnswer, FakeServer, FakeServerOptions } from "../../src/testing/index.ts";
import { encode } from "../model-tokenizer.ts";

const prompt = [256, ...encode("Q: 64*27+14*89\n")];
const markers = ["<Thread>", "</Thread>", "<Outlines>", "</Outlines>", "<Parallel>", "</Parallel>"];
const said = "<think>\n";

let server: FakeServer;
let engine: Engine;
afterEach(async () => {
  await engine?.close();
  await server?.close();
});

/** An engine on a vLLM that says this, or behaves so. */
async function connect(
  answer: string | FakeAnswer,
  options: Partial<CreateEngineOptions> = {},
  fake: Partial<FakeServerOptions> = {},
): Promise<void> {
  server = await startFakeServer({ model: () => answer, ...fake });
  engine = await createEngine({ baseURL: `${server.baseURL}/v1`, controls: markers, ...options });
}

function request(options: Partial<CompletionRequest> = {}): CompletionRequest {
  const signal = new AbortController().signal;
  return { prompt, stop: { ids: [264] }, maxTokens: 100, sampling: { temperature: 0, topP: 1 }, signal, ...options };
}

async function complete(options: Partial<CompletionRequest> = {}): Promise<{ pieces: Piece[]; end: unknown }> {
  const pieces: Piece[] = [];
  let end: unknown;
  for await (const event of engine.complete(request(options))) {
    if (event.type === "pieces") pieces.push(...event.pieces);
    else end = event;
  }
  return { pieces, end };
}

const hanging: FakeAnswer = { text: "<think>", ending: "silence" };

/** What no well-formed server says: a fetch that answers some requests itself. */
function replacing(test: RegExp, status: number, text: string, type = "application/json"): typeof fetch {
  return async (input, init) => {
    const url = input instanceof Request ? input.url : String(input);
    const matches = test.test(`${url} ${typeof init?.body === "string" ? init.body : ""}`);
    return matches ? new Response(text, { status, headers: { "content-type": type } }) : fetch(input, init);
  };
}

const streaming = (...data: string[]): typeof fetch => {
  const events = [...data, "[DONE]"].map((one) => `data: ${one}\n\n`).join("");
  return replacing(/\/completions (?!.*"max_tokens":1,).*"stream":true/, 200, events, "text/event-stream");
};

describe("what the engine learns of a server", () => {
  it("asks for its model, context and control tokens", async () => {
    await connect(said);
    expect(engine).toMatchObject({ model: "forkjoin-arith", contextTokens: 2048, name: `${server.baseURL}/v1` });
    expect(engine.tokenizer).toMatchObject({ bos: 256, eos: [257], vocabularySize: 269 });
    const common = ["<s>", "</s>", "<think>", "</think>", "<pad>"];
    expect(engine.tokenizer.controls).toEqual([...common, ...markers, "<Outline>", "</Outline>"]);
  });

  it("finds the server without /v1 in the address, and takes less context where told", async () => {
    server = await startFakeServer({ model: () => said });
    engine = await createEngine({ baseURL: `${server.baseURL}/`, contextTokens: 100 });
    expect(engine.contextTokens).toBe(100);
  });

  it("sends the key and the headers, and nothing from the environment", async () => {
    process.env["OPENAI_API_KEY"] = "sk-environment";
    await connect(said, { apiKey: "k1", headers: { "x-tenant": "t1" } });
    delete process.env["OPENAI_API_KEY"];
    await complete();
    expect(server.calls[0]?.headers).toMatchObject({ authorization: "Bearer k1", "x-tenant": "t1" });
    expect(server.probes[0]?.headers).toMatchObject({ authorization: "Bearer k1" });
    await engine.close();
    await server.close();
    await connect(said);
    await complete();
    expect(server.calls[0]?.headers).not.toHaveProperty("authorization");
  });

  it("encodes markers where they are meant, and as text where they were typed", async () => {
    await connect(said);
    expect(await engine.tokenizer.encode("a<Thread>", { controls: "parse" })).toEqual([97, 267]);
    expect(await engine.tokenizer.encode("a<Thread>", { controls: "text" })).toEqual([...Buffer.from("a<Thread>")]);
    expect(await engine.tokenizer.decode([256, 226, 130, 172, 267])).toBe("<s>€<Thread>");
    expect(await engine.tokenizer.encode("", { controls: "parse" })).toEqual([]);
  });

  it("keeps the markers of every bundled dialect text, also where nobody named them", async () => {
    await connect(said, { controls: undefined });
    expect(await engine.tokenizer.encode("<Thread>", { controls: "text" })).toEqual([...Buffer.from("<Thread>")]);
  });

  it("asks for the same text once", async () => {
    await connect(said);
    const before = server.requests.length;
    for (const _ of [1, 2, 3]) await engine.tokenizer.encode("again", { controls: "parse" });
    expect(server.requests.length).toBe(before + 1);
  });

  it("renders chats with the server's template, and keeps typed markers text", async () => {
    const noTemplate =
      '{"error":{"message":"As of transformers v4.44, default chat template is no longer allowed","code":400}}';
    await connect(said, { fetch: replacing(/"role":"nobody"/, 400, noTemplate) });
    const ids = await engine.tokenizer.renderChat([{ role: "user", content: "  <Thread> " }], { prefill: "<think>" });
    expect(ids).toEqual([256, ...Buffer.from("<Thread>\n"), 259]);
    const refused = engine.tokenizer.renderChat([{ role: "nobody", content: "" }]);
    await expect(refused).rejects.toMatchObject({ code: "invalid_prompt" });
  });
});

describe("a call over the wire", () => {
  it("says all that was asked for and nothing else, so that a server applies its model's own defaults to the rest", async () => {
    await connect(said);
    await complete({ sampling: { temperature: 0.6, topP: 0.95, repetitionPenalty: 1.1, seed: 7 } });
    expect(server.calls[0]?.body).toEqual({
      model: "forkjoin-arith",
      prompt,
      max_tokens: 100,
      stop_token_ids: [264],
      temperature: 0.6,
      top_p: 0.95,
      repetition_penalty: 1.1,
      seed: 7,
      skip_special_tokens: false,
      include_stop_str_in_output: true,
      return_token_ids: true,
      stream: true,
      stream_options: { include_usage: true },
    });
    await complete({ sampling: {} });
    expect(server.calls[1]?.body).not.toHaveProperty("temperature");
    await complete({ sampling: { topK: 0, minP: 0.1 }, extraBody: { priority: 3, min_p: 0.2 } });
    expect(server.calls[2]?.body).toMatchObject({ top_k: -1, min_p: 0.2, priority: 3 });
  });

  it("makes one piece of each token, ends with the stop id, and reports the cached tokens", async () => {
    await connect("<think>\n</Outlines>\n");
    await complete();
    expect(await complete()).toEqual({
      pieces: [
        { ids: [259], text: "<think>" },
        { ids: [10], text: "\n" },
        { ids: [264], text: "</Outlines>" },
      ],
      end: { type: "end", reason: "stop", cachedTokens: 0, completionTokens: 3 },
    });
    // Of a prompt of 16, the last must be computed; with one more, a block of 16 is there.
    expect((await complete({ prompt: [...prompt, 259] })).end).toMatchObject({ cachedTokens: 16 });
  });

  it("gives the end of sequence no text", async () => {
    await connect("}");
    const { pieces, end } = await complete();
    expect(pieces).toEqual([
      { ids: [125], text: "}" },
      { ids: [257], text: "" },
    ]);
    expect(end).toMatchObject({ reason: "stop" });
  });

  it("takes an end of sequence that it did not know for one in the call that ends at it", async () => {
    await connect("ab", {}, { moreEos: [98] });
    expect(engine.tokenizer.eos).toEqual([257]);
    const { pieces } = await complete();
    expect(pieces).toEqual([
      { ids: [97], text: "a" },
      { ids: [98], text: "" },
    ]);
    expect(engine.tokenizer.eos).toEqual([257]);
  });

  it("merges the tokens of one character", async () => {
    await connect("x€y");
    const { pieces } = await complete({ maxTokens: 5 });
    expect(pieces).toEqual([
      { ids: [120], text: "x" },
      { ids: [226, 130, 172], text: "€" },
      { ids: [121], text: "y" },
    ]);
  });

  it("keeps tokens of a character that is never finished", async () => {
    await connect("x€");
    expect((await complete({ maxTokens: 3 })).pieces.at(-1)).toEqual({ ids: [226, 130], text: "\uFFFD" });
  });

  it("takes several tokens in one chunk apart", async () => {
    await connect("ab€</Outlines>", {}, { tokensPerChunk: 4 });
    const { pieces } = await complete();
    expect(pieces.map(({ text }) => text)).toEqual(["a", "b", "€", "</Outlines>"]);
  });

  it("does not take the prompt for an answer when it ends inside a character", async () => {
    // Two bytes of a character, then its third and a letter.
    await connect({ text: "", ids: [172, 121] });
    const { pieces } = await complete({ prompt: [...prompt, 226, 130], maxTokens: 2 });
    expect(pieces).toEqual([
      { ids: [172], text: "\uFFFD" },
      { ids: [121], text: "y" },
    ]);
  });

  it("asks for no more than fits, and tells a full context from a full budget", async () => {
    await connect(said, { contextTokens: prompt.length + 2 });
    expect((await complete()).end).toMatchObject({ reason: "context" });
    expect((await complete({ maxTokens: 2 })).end).toMatchObject({ reason: "length" });
    expect(server.calls.map(({ body }) => body["max_tokens"])).toEqual([2, 2]);
  });

  it("uses a connection again", async () => {
    await connect(said);
    await complete();
    const before = server.connections;
    for (const _ of [1, 2, 3]) await complete();
    expect(server.connections).toBe(before);
  });

  it("reads events however the network cuts them", async () => {
    await connect("<think>€", {}, { tokensPerChunk: 4, bytesPerWrite: 7 });
    expect((await complete({ maxTokens: 4 })).pieces.map(({ text }) => text)).toEqual(["<think>", "€"]);
  });
});

describe("a call that fails over the wire", () => {
  it.each<[string, FakeAnswer, string, string]>([
    ["is cut off", { text: said, ending: "drop" }, "engine_failed", "broke off in the middle of an answer"],
    ["ends without an ending", { text: said, ending: "end" }, "engine_failed", "without a finish reason"],
    ["is aborted by the server", { text: said, ending: "abort" }, "engine_failed", '"abort"'],
    ["has an error in it", { text: said, ending: "error" }, "engine_failed", "EngineCore encountered an issue."],
    [
      "was refused after all",
      { text: "", refusal: { status: 400, message: "Token id 999 is out of vocabulary", inStream: true } },
      "engine_refused",
      "Token id 999",
    ],
    [
      "is refused",
      { text: "", refusal: { status: 400, message: "max_tokens must be at least 1" } },
      "engine_refused",
      "max_tokens must",
    ],
    ["meets a full queue", { text: "", refusal: { status: 503, message: "busy" } }, "engine_failed", "busy"],
    [
      "lacks the key",
      { text: "", refusal: { status: 401 } },
      "engine_refused",
      "answered 401: it needs a valid apiKey",
    ],
  ])("says so when it %s", async (_, answer, code, message) => {
    await connect(answer, { apiKey: "sk-secret" });
    const error: unknown = await complete().catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code, message: expect.stringContaining(message) as string });
    expect(String(error)).not.toContain("sk-secret");
  });

  it.each([
    ["is no answer", "<html>", "engine_failed", "not part of an answer"],
    ["has no token ids", '{"choices":[{"index":0,"text":"a","token_ids":null}]}', "engine_refused", "return_token_ids"],
  ])("says so when it %s", async (_, data, code, message) => {
    await connect(said, { fetch: streaming(data) });
    await expect(complete()).rejects.toMatchObject({ code, message: expect.stringContaining(message) as string });
  });

  it("hands over what came before the failure", async () => {
    await connect({ text: "<think>a", ending: "end" });
    const texts: unknown[] = [];
    const reading = (async () => {
      for await (const event of engine.complete(request()))
        if (event.type === "pieces") texts.push(event.pieces[0]?.text);
    })();
    await expect(reading).rejects.toMatchObject({ code: "engine_failed" });
    expect(texts).toEqual(["<think>", "a"]);
  });

  it("gives up a server that is silent for too long", async () => {
    await connect(hanging, { timeouts: { firstTokenMs: 5000, idleMs: 1000 } });
    await expect(complete()).rejects.toMatchObject({
      code: "timeout",
      name: "TimeoutError",
      retryable: true,
      message: expect.stringContaining("1000 ms") as string,
    });
  });

  it("refuses prompts that can never run without asking the server", async () => {
    await connect(said);
    await expect(complete({ prompt: [] })).rejects.toMatchObject({ code: "invalid_prompt" });
    await expect(complete({ maxTokens: 0 })).rejects.toMatchObject({ code: "invalid_option" });
    const long = Array.from({ length: 2048 }, () => 65);
    await expect(complete({ prompt: long })).rejects.toMatchObject({ code: "context_exceeded" });
    expect(server.calls).toHaveLength(0);
  });
});

describe("breaking off a call over the wire", () => {
  it("hangs up at an abort, and throws its reason", async () => {
    await connect(hanging);
    const controller = new AbortController();
    const reading = (async () => {
      for await (const _ of engine.complete(request({ signal: controller.signal }))) controller.abort("enough");
    })();
    await expect(reading).rejects.toMatchObject({ code: "aborted", cause: "enough" });
    await expect.poll(() => server.calls[0]?.hungUp).toBe(true);
  });

  it("hangs up when the reader leaves", async () => {
    await connect(hanging);
    for await (const _ of engine.complete(request())) break;
    await expect.poll(() => server.calls[0]?.hungUp).toBe(true);
  });

  it("hangs up when the engine closes", async () => {
    await connect(hanging);
    const call = complete().catch((error: unknown) => error);
    await expect.poll(() => server.calls.length).toBe(1);
    await engine.close();
    expect(await call).toMatchObject({ code: "aborted" });
    await expect.poll(() => server.calls[0]?.hungUp).toBe(true);
    await expect(complete()).rejects.toMatchObject({
      code: "closed",
      message: expect.stringContaining("was closed. Create a new one.") as string,
    });
  });
});

describe("a server that cannot be used", () => {
  it("is not there", async () => {
    server = await startFakeServer({ model: () => said });
    await server.close();
    await expect(createEngine({ baseURL: server.baseURL })).rejects.toMatchObject({
      code: "engine_unavailable",
      message: expect.stringContaining(server.baseURL) as string,
    });
  });

  it("is given with a secret in its address, which is kept out of the message", async () => {
    const given = [
      ["http://me:pw@127.0.0.1:9/v1", "invalid_option"],
      ["http://127.0.0.1:9/v1?key=pw", "engine_unavailable"],
    ] as const;
    for (const [baseURL, code] of given) {
      const error: unknown = await createEngine({ baseURL }).catch((thrown: unknown) => thrown);
      expect(error).toMatchObject({ code });
      expect(String(error)).not.toContain("pw");
    }
  });

  it("has other models", async () => {
    server = await startFakeServer({ model: () => said });
    await expect(createEngine({ baseURL: server.baseURL, model: "nope" })).rejects.toMatchObject({
      code: "engine_refused",
      message: `${server.baseURL} has no model nope. It has: forkjoin-arith`,
    });
  });

  it("is something else", async () => {
    const fetch = replacing(/\/v1\/models/, 200, '{"hello":1}');
    await expect(createEngine({ baseURL: "http://127.0.0.1:9", fetch })).rejects.toMatchObject({
      code: "engine_refused",
    });
  });

  it("does not say how long its context is, which matters only where nothing else limits a call", async () => {
    server = await startFakeServer({ kind: "text", model: () => said });
    const fetch = replacing(/\/v1\/models/, 200, '{"data":[{"id":"m"}]}');
    engine = await createEngine({ baseURL: server.baseURL, fetch });
    expect(engine.contextTokens).toBe(Infinity);
    expect(await complete({ maxTokens: 50 })).toMatchObject({ end: { reason: "stop" } });
    await expect(complete({ maxTokens: Infinity })).rejects.toMatchObject({
      code: "invalid_option",
      message: expect.stringContaining("set contextTokens, or maxTokens") as string,
    });
  });

  it.each([
    [{ baseURL: "127.0.0.1:8000" }, "baseURL"],
    [{ baseURL: "http://127.0.0.1:8000", timeouts: { idleMs: 0 } }, "timeouts.idleMs"],
    [{ baseURL: "http://127.0.0.1:8000", apikey: "k" }, "apikey"],
  ])("is asked for with the options %j", async (options, name) => {
    const creating = createEngine(options);
    await expect(creating).rejects.toMatchObject({
      code: "invalid_option",
      message: expect.stringContaining(name) as string,
    });
  });
});
