import { afterEach, describe, expect, it } from "vitest";
import type { Piece } from "../../src/core/piece.ts";
import type { CompletionRequest, Engine } from "../../src/engine/engine.ts";
import { createEngine } from "../../src/engine/openai.ts";
import type { CreateEngineOptions } from "../../src/engine/openai.ts";
import { begin, chunk, encode, fakeVllm, json, send, streaming } from "./fake-vllm.ts";
import type { Completion, FakeVllm } from "./fake-vllm.ts";

const prompt = [256, ...encode("Q: 64*27+14*89\n")];
const markers = ["<Thread>", "</Thread>", "<Outlines>", "</Outlines>", "<Parallel>", "</Parallel>"];
const finished = streaming(chunk("<think>", [259]), chunk("\n", [10], "length"));

let server: FakeVllm;
let engine: Engine;
afterEach(async () => {
  await engine?.close();
  server?.close();
});

async function connect(completion: Completion, options: Partial<CreateEngineOptions> = {}): Promise<void> {
  server = await fakeVllm(completion);
  engine = await createEngine({ baseURL: server.baseURL, controls: markers, ...options });
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

/** Sends one token and waits for the client to hang up. */
function hanging(): { completion: Completion; gone: Promise<void> } {
  const { promise: gone, resolve } = Promise.withResolvers<void>();
  const completion: Completion = (response) => {
    response.once("close", resolve);
    send(begin(response), chunk("<think>", [259]));
  };
  return { completion, gone };
}

describe("what the engine learns of a server", () => {
  it("asks for its model, context and control tokens", async () => {
    await connect(finished);
    expect(engine).toMatchObject({ model: "forkjoin-arith", contextTokens: 2048, name: server.baseURL });
    expect(engine.tokenizer).toMatchObject({ bos: 256, eos: [257], vocabularySize: 269 });
    const common = ["<s>", "</s>", "<think>", "</think>", "<pad>"];
    expect(engine.tokenizer.controls).toEqual([...common, ...markers, "<Outline>", "</Outline>"]);
  });

  it("finds the server without /v1 in the address, and takes less context where told", async () => {
    server = await fakeVllm(finished);
    engine = await createEngine({ baseURL: server.baseURL.replace("/v1", "/"), contextTokens: 100 });
    expect(engine.contextTokens).toBe(100);
  });

  it("sends the key and the headers, and nothing from the environment", async () => {
    process.env["OPENAI_API_KEY"] = "sk-environment";
    await connect(finished, { apiKey: "k1", headers: { "x-tenant": "t1" } });
    delete process.env["OPENAI_API_KEY"];
    const { headers } = server.requests[0] ?? {};
    expect(headers).toMatchObject({ authorization: "Bearer k1", "x-tenant": "t1" });
    await engine.close();
    server.close();
    await connect(finished);
    expect(server.requests[0]?.headers).not.toHaveProperty("authorization");
  });

  it("encodes markers where they are meant, and as text where they were typed", async () => {
    await connect(finished);
    expect(await engine.tokenizer.encode("a<Thread>", { controls: "parse" })).toEqual([97, 267]);
    expect(await engine.tokenizer.encode("a<Thread>", { controls: "text" })).toEqual([...Buffer.from("a<Thread>")]);
    expect(await engine.tokenizer.decode([256, 226, 130, 172, 267])).toBe("<s>€<Thread>");
    expect(await engine.tokenizer.encode("", { controls: "parse" })).toEqual([]);
  });

  it("keeps the markers of every bundled dialect text, also where nobody named them", async () => {
    await connect(finished, { controls: undefined });
    expect(await engine.tokenizer.encode("<Thread>", { controls: "text" })).toEqual([...Buffer.from("<Thread>")]);
  });

  it("asks for the same text once", async () => {
    await connect(finished);
    const before = server.requests.length;
    for (const _ of [1, 2, 3]) await engine.tokenizer.encode("again", { controls: "parse" });
    expect(server.requests.length).toBe(before + 1);
  });

  it("renders chats with the server's template, and keeps typed markers text", async () => {
    await connect(finished);
    const ids = await engine.tokenizer.renderChat([{ role: "user", content: "  <Thread> " }], "<think>");
    expect(ids).toEqual([256, ...Buffer.from("<Thread>\n"), 259]);
    const refused = engine.tokenizer.renderChat([{ role: "nobody", content: "" }]);
    await expect(refused).rejects.toMatchObject({ code: "invalid_prompt" });
  });
});

describe("a call over the wire", () => {
  it("says everything in full, so that the model's own defaults do not interfere", async () => {
    await connect(finished);
    await complete({ sampling: { temperature: 0.6, topP: 0.95, repetitionPenalty: 1.1, seed: 7 } });
    expect(server.bodies[0]).toEqual({
      model: "forkjoin-arith",
      prompt,
      max_tokens: 100,
      stop_token_ids: [264],
      temperature: 0.6,
      top_p: 0.95,
      top_k: -1,
      min_p: 0,
      repetition_penalty: 1.1,
      presence_penalty: 0,
      frequency_penalty: 0,
      seed: 7,
      skip_special_tokens: false,
      include_stop_str_in_output: true,
      return_token_ids: true,
      stream: true,
      stream_options: { include_usage: true },
    });
  });

  it("makes one piece of each token, ends with the stop id, and reports the cached tokens", async () => {
    await connect(streaming(chunk("<think>", [259]), chunk("\n", [10]), chunk("</Outlines>", [264], "stop", 264)));
    expect(await complete()).toEqual({
      pieces: [
        { ids: [259], text: "<think>" },
        { ids: [10], text: "\n" },
        { ids: [264], text: "</Outlines>" },
      ],
      end: { type: "end", reason: "stop", cachedTokens: 96 },
    });
  });

  it("gives the end of sequence no text", async () => {
    await connect(streaming(chunk("}", [125]), chunk("</s>", [257], "stop")));
    const { pieces, end } = await complete();
    expect(pieces.at(-1)).toEqual({ ids: [257], text: "" });
    expect(end).toMatchObject({ reason: "stop" });
  });

  it("learns another end of sequence from a call that ends at it", async () => {
    await connect(streaming(chunk("</think>", [260], "stop", 260)));
    const { pieces } = await complete();
    expect(pieces).toEqual([{ ids: [260], text: "" }]);
    expect(engine.tokenizer.eos).toEqual([257, 260]);
  });

  it("merges the tokens of one character", async () => {
    await connect(
      streaming(chunk("x", [120]), chunk("", [226]), chunk("", [130]), chunk("€", [172]), chunk("y", [121], "length")),
    );
    const { pieces } = await complete();
    expect(pieces).toEqual([
      { ids: [120], text: "x" },
      { ids: [226, 130, 172], text: "€" },
      { ids: [121], text: "y" },
    ]);
  });

  it("keeps tokens of a character that is never finished", async () => {
    await connect(streaming(chunk("x", [120]), chunk("", [226]), chunk("", [130], "length")));
    expect((await complete()).pieces.at(-1)).toEqual({ ids: [226, 130], text: "\uFFFD" });
  });

  it("takes several tokens in one chunk apart", async () => {
    await connect(streaming(chunk("a", [97]), chunk("b€</Outlines>", [98, 226, 130, 172, 264], "stop", 264)));
    const { pieces } = await complete();
    expect(pieces.map(({ text }) => text)).toEqual(["a", "b", "€", "</Outlines>"]);
  });

  it("does not take the prompt for an answer when it ends inside a character", async () => {
    await connect(streaming(chunk("Q: …whole prompt…€", [172]), chunk("y", [121], "length")));
    const { pieces } = await complete({ prompt: [...prompt, 226, 130] });
    expect(pieces).toEqual([
      { ids: [172], text: "\uFFFD" },
      { ids: [121], text: "y" },
    ]);
  });

  it("asks for no more than fits, and tells a full context from a full budget", async () => {
    await connect(finished, { contextTokens: prompt.length + 2 });
    expect((await complete()).end).toMatchObject({ reason: "context" });
    expect((await complete({ maxTokens: 2 })).end).toMatchObject({ reason: "length" });
    expect(server.bodies.map(({ max_tokens: tokens }) => tokens)).toEqual([2, 2]);
  });

  it("uses a connection again", async () => {
    await connect(finished);
    await complete();
    const before = server.connections;
    for (const _ of [1, 2, 3]) await complete();
    expect(server.connections).toBe(before);
  });

  it("reads events however the network cuts them", async () => {
    const bytes = Buffer.from(
      `data: ${chunk("<think>", [259])}\n\ndata: ${chunk("€", [226, 130, 172], "length")}\n\ndata: [DONE]\n\n`,
    );
    await connect((response) => {
      begin(response);
      response.socket?.setNoDelay(true);
      for (let at = 0; at < bytes.length; at += 7) response.write(bytes.subarray(at, at + 7));
      response.end();
    });
    expect((await complete()).pieces.map(({ text }) => text)).toEqual(["<think>", "€"]);
  });
});

describe("a call that fails over the wire", () => {
  const first = chunk("<think>", [259]);

  it.each<[string, Completion, string, string]>([
    [
      "is cut off",
      (response) => begin(response).write(`data: ${first}\n\n`, () => response.destroy()),
      "engine_failed",
      "dropped",
    ],
    [
      "ends without an ending",
      (response) => (send(begin(response), first), response.end()),
      "engine_failed",
      "without an ending",
    ],
    ["is aborted by the server", streaming(first, chunk("", [], "abort")), "engine_failed", '"abort"'],
    [
      "has an error in it",
      streaming(
        first,
        '{"error": {"message": "EngineCore encountered an issue.", "type": "InternalServerError", "param": null, "code": 500}}',
      ),
      "engine_failed",
      "EngineCore encountered an issue.",
    ],
    [
      "was refused after all",
      streaming(
        '{"error": {"message": "Token id 999 is out of vocabulary", "type": "BadRequestError", "param": null, "code": 400}}',
      ),
      "engine_refused",
      "Token id 999",
    ],
    ["is no answer", streaming("<html>"), "engine_failed", "no part of an answer"],
    ["has no token ids", streaming(chunk("a", []).replace("[]", "null")), "engine_refused", "return_token_ids"],
    [
      "is refused",
      (response) =>
        json(
          response,
          400,
          '{"error":{"message":"max_tokens must be at least 1, got 0.","type":"BadRequestError","param":"max_tokens","code":400}}',
        ),
      "engine_refused",
      "max_tokens must be at least 1",
    ],
    [
      "meets a full queue",
      (response) => json(response, 503, '{"error":{"message":"busy","code":503}}'),
      "engine_failed",
      "busy",
    ],
    [
      "lacks the key",
      (response) => json(response, 401, '{"error":"Unauthorized"}'),
      "engine_refused",
      "answered 401: set THREADWEAVER_API_KEY or --api-key",
    ],
  ])("says so when it %s", async (_, completion, code, message) => {
    await connect(completion, { apiKey: "sk-secret" });
    const error: unknown = await complete().catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code, message: expect.stringContaining(message) as string });
    expect(String(error)).not.toContain("sk-secret");
  });

  it("hands over what came before the failure", async () => {
    await connect((response) => (send(begin(response), first), send(response, chunk("a", [97])), response.end()));
    const texts: unknown[] = [];
    const reading = (async () => {
      for await (const event of engine.complete(request()))
        if (event.type === "pieces") texts.push(event.pieces[0]?.text);
    })();
    await expect(reading).rejects.toMatchObject({ code: "engine_failed" });
    expect(texts).toEqual(["<think>", "a"]);
  });

  it("gives up a server that is silent for too long", async () => {
    await connect((response) => send(begin(response), first), { timeoutMs: 1000 });
    await expect(complete()).rejects.toMatchObject({
      code: "engine_failed",
      message: expect.stringContaining("1000 ms") as string,
    });
  });

  it("refuses prompts that can never run without asking the server", async () => {
    await connect(finished);
    await expect(complete({ prompt: [] })).rejects.toMatchObject({ code: "invalid_prompt" });
    await expect(complete({ maxTokens: 0 })).rejects.toMatchObject({ code: "invalid_option" });
    const long = Array.from({ length: 2048 }, () => 65);
    await expect(complete({ prompt: long })).rejects.toMatchObject({ code: "context_exceeded" });
    expect(server.bodies).toHaveLength(0);
  });
});

describe("breaking off a call over the wire", () => {
  it("hangs up at an abort, and throws its reason", async () => {
    const { completion, gone } = hanging();
    await connect(completion);
    const controller = new AbortController();
    const reading = (async () => {
      for await (const _ of engine.complete(request({ signal: controller.signal }))) controller.abort("enough");
    })();
    await expect(reading).rejects.toMatchObject({ code: "aborted", cause: "enough" });
    await gone;
  });

  it("hangs up when the reader leaves", async () => {
    const { completion, gone } = hanging();
    await connect(completion);
    for await (const _ of engine.complete(request())) break;
    await gone;
  });

  it("hangs up when the engine closes", async () => {
    const { completion, gone } = hanging();
    await connect(completion);
    const call = complete().catch((error: unknown) => error);
    await expect.poll(() => server.bodies.length).toBe(1);
    await engine.close();
    expect(await call).toMatchObject({ code: "aborted" });
    await gone;
    await expect(complete()).rejects.toMatchObject({ code: "aborted" });
  });
});

describe("a server that cannot be used", () => {
  it("is not there", async () => {
    server = await fakeVllm(finished);
    server.close();
    await expect(createEngine({ baseURL: server.baseURL })).rejects.toMatchObject({
      code: "engine_unavailable",
      message: expect.stringContaining(server.baseURL) as string,
    });
  });

  it("is given with a secret in its address, which is kept out of the message", async () => {
    for (const baseURL of ["http://me:pw@127.0.0.1:9/v1", "http://127.0.0.1:9/v1?key=pw"]) {
      const error: unknown = await createEngine({ baseURL }).catch((thrown: unknown) => thrown);
      expect(error).toMatchObject({ code: "invalid_option" });
      expect(String(error)).not.toContain("pw");
    }
  });

  it("has other models", async () => {
    server = await fakeVllm(finished);
    await expect(createEngine({ baseURL: server.baseURL, model: "nope" })).rejects.toMatchObject({
      code: "engine_refused",
      message: `${server.baseURL} has no model nope. It has: forkjoin-arith`,
    });
  });

  it("is something else", async () => {
    server = await fakeVllm(finished, { "GET /v1/models": (response) => json(response, 200, '{"hello":1}') });
    await expect(createEngine({ baseURL: server.baseURL })).rejects.toMatchObject({ code: "engine_refused" });
  });

  it("does not say how long its context is", async () => {
    server = await fakeVllm(finished, { "GET /v1/models": (response) => json(response, 200, '{"data":[{"id":"m"}]}') });
    await expect(createEngine({ baseURL: server.baseURL })).rejects.toMatchObject({ code: "invalid_option" });
  });

  it.each([
    [{ baseURL: "127.0.0.1:8000" }, "baseURL"],
    [{ baseURL: "http://127.0.0.1:8000", timeoutMs: 0 }, "timeoutMs"],
    [{ baseURL: "http://127.0.0.1:8000", apikey: "k" }, "apikey"],
  ])("is asked for with the options %j", async (options, name) => {
    const creating = createEngine(options);
    await expect(creating).rejects.toMatchObject({
      code: "invalid_option",
      message: expect.stringContaining(name) as string,
    });
  });
});
