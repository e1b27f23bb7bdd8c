import { createServer } from "node:net";
import type { AddressInfo, Socket } from "node:net";
import { describe, expect, it, onTestFinished } from "vitest";
import * as z from "zod";
import { ServerClient } from "../../src/engine/http/server-client.ts";
import { createEngine } from "../../src/engine/openai.ts";
import type { CreateEngineOptions } from "../../src/engine/openai.ts";
import type { ServerEngine } from "../../src/engine/server-engine.ts";
import { startFakeServer } from "../../src/testing/index.ts";
import { outcomeOf } from "./support.ts";

type Answer = (socket: Socket, path: string) => void;

/** An engine whose server answers like vLLM, on a real socket, until `answer` takes over for some paths. */
async function serverThat(
  answer: Answer,
  options: Partial<CreateEngineOptions> = {},
): Promise<{ engine: ServerEngine; begin: (path: string) => void }> {
  const fake = await startFakeServer({ model: () => "abc", tokensPerChunk: 2 });
  onTestFinished(() => fake.close());
  let taken: string | undefined;
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on("error", () => {});
    socket.once("data", (head) => {
      const path = String(head).split(" ", 2)[1] ?? "";
      if (taken !== undefined && path.endsWith(taken)) answer(socket, path);
      else forward(fake.baseURL, String(head), socket).catch(() => socket.destroy());
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  const baseURL = `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`;
  const engine = await createEngine({ baseURL, ...options });
  onTestFinished(() => engine.close());
  return { engine, begin: (path) => void (taken = path) };
}

/** A client of such a server with little patience, which no engine could be created with on a busy machine. */
async function clientThat(answer: Answer): Promise<{ client: ServerClient; begin: (path: string) => void }> {
  const { engine, begin } = await serverThat(answer);
  const client = new ServerClient({ baseURL: engine.name, timeouts: { firstTokenMs: 100, idleMs: 50 } });
  onTestFinished(() => client.close());
  return { client, begin };
}

/** Passes a request on, and closes the connection after the answer. */
async function forward(base: string, request: string, socket: Socket): Promise<void> {
  const [head = "", ...body] = request.split("\r\n\r\n");
  const [method = "GET", path = "/"] = head.split(" ");
  const type = { "content-type": "application/json" };
  const init = method === "GET" ? {} : { method, headers: type, body: body.join("\r\n\r\n") };
  const response = await fetch(base + path, init);
  const text = await response.text();
  socket.end(`HTTP/1.1 ${response.status} OK\r\ncontent-type: application/json\r\nconnection: close\r\n\r\n${text}`);
}

const headers = "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\nconnection: close\r\n\r\n";
const part = `data: ${JSON.stringify({ choices: [{ index: 0, text: "a", finish_reason: null, token_ids: [97] }] })}\n\n`;
const error = (code: number): string =>
  `data: ${JSON.stringify({ error: { message: "no", code } })}\n\ndata: [DONE]\n\n`;

const broken: [what: string, answer: Answer, failure: object][] = [
  ["closes before the headers", (socket) => socket.end(), { code: "engine_unavailable" }],
  ["resets before the headers", (socket) => socket.resetAndDestroy(), { code: "engine_unavailable" }],
  ["closes inside the headers", (socket) => socket.end("HTTP/1.1 200 OK\r\ncont"), { code: "engine_unavailable" }],
  ["answers what is no HTTP", (socket) => socket.end("hello\r\n\r\n"), { code: "engine_unavailable" }],
  ["closes in the answer", (socket) => socket.end(headers + part), { code: "engine_failed" }],
  ["sends half an event", (socket) => socket.end(headers + part + 'data: {"cho'), { code: "engine_failed" }],
  ["sends what is no JSON", (socket) => socket.end(`${headers}${part}data: {"a\n\n`), { code: "engine_failed" }],
  ["sends no object", (socket) => socket.end(`${headers}${part}data: 7\n\n`), { code: "engine_failed" }],
  ["is done too early", (socket) => socket.end(`${headers}${part}data: [DONE]\n\n`), { code: "engine_failed" }],
  ["reports an error of its own", (socket) => socket.end(headers + part + error(500)), { status: 500 }],
  ["is busy after all", (socket) => socket.end(headers + error(503)), { status: 503 }],
  ["is too slow for itself", (socket) => socket.end(headers + error(408)), { status: 408 }],
];

describe("a call can be made again when its server", () => {
  it.each(broken)("%s", async (_, answer, failure) => {
    const { engine, begin } = await serverThat(answer);
    begin("/completions");
    const outcome = await outcomeOf(engine);
    expect(outcome.end).toBeUndefined();
    expect(outcome.error).toMatchObject({ ...failure, retryable: true });
  });

  it("sends an event without an end", async () => {
    const flood = (socket: Socket): void => {
      socket.write(`${headers}${part}data: `);
      const more = (): void => {
        while (!socket.destroyed && socket.write("x".repeat(2 ** 20)));
        if (!socket.destroyed) socket.once("drain", more);
      };
      more();
    };
    const { engine, begin } = await serverThat(flood);
    begin("/completions");
    const { ids, error: failure } = await outcomeOf(engine);
    expect(ids).toEqual([97]);
    expect(failure).toMatchObject({ code: "engine_failed", retryable: true });
  });

  it("resets the connection in the answer", async () => {
    const { engine, begin } = await serverThat((socket) => {
      socket.write(headers + part, () => setImmediate(() => socket.resetAndDestroy()));
    });
    begin("/completions");
    expect((await outcomeOf(engine)).error).toMatchObject({ code: "engine_failed", retryable: true });
  });

  it.each(broken.slice(0, 4))("%s where text is encoded or decoded", async (_, answer, failure) => {
    const { engine, begin } = await serverThat(answer);
    begin("tokenize");
    const asked = [engine.tokenizer.encode("never seen", { controls: "parse" }), engine.tokenizer.decode([65, 66, 67])];
    for (const call of asked) await expect(call).rejects.toMatchObject({ ...failure, retryable: true });
  });

  it.each([
    ["half an answer", `HTTP/1.1 200 OK\r\ncontent-length: 90\r\n\r\n{"tok`],
    ["half a JSON", `HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\n{"tok`],
    ["HTTP 500", "HTTP/1.1 500 No\r\ncontent-length: 0\r\n\r\n"],
  ])("gives %s where text is encoded or decoded", async (_, said) => {
    const { engine, begin } = await serverThat((socket) => socket.end(said));
    begin("tokenize");
    const call = engine.tokenizer.encode("never seen", { controls: "parse" });
    await expect(call).rejects.toMatchObject({ retryable: true });
  });
});

describe("a call is not made again when its server", () => {
  it.each([400, 401, 403, 404, 422])("answers with HTTP %i", async (status) => {
    const { engine, begin } = await serverThat((socket) => {
      socket.end(`HTTP/1.1 ${status} No\r\ncontent-length: 2\r\n\r\n{}`);
    });
    begin("/completions");
    expect((await outcomeOf(engine)).error).toMatchObject({ status, retryable: false });
  });

  it("refuses it inside an answer", async () => {
    const { engine, begin } = await serverThat((socket) => socket.end(headers + error(400)));
    begin("/completions");
    expect((await outcomeOf(engine)).error).toMatchObject({ status: 400, code: "engine_refused", retryable: false });
  });
});

describe("a server that is silent", () => {
  it("before the first token is named so: neither headers nor comments are an answer", async () => {
    const { client, begin } = await clientThat((socket) => socket.write(`${headers}: ping\n\n`));
    begin("/completions");
    const caller = new AbortController().signal;
    const options = { headers: {}, caller, closing: new AbortController(), onData: () => {} };
    const message = `${client.address} sent no token for 100 ms (timeouts.firstTokenMs).`;
    const failure = { code: "timeout", waitedFor: "first-token", retryable: true, message };
    await expect(client.stream("/v1/completions", {}, options)).rejects.toMatchObject(failure);
  });

  it("in the middle of an answer is named so", async () => {
    const { engine, begin } = await serverThat((socket) => socket.write(headers + part), { timeouts: { idleMs: 100 } });
    begin("/completions");
    const { ids, error: failure } = await outcomeOf(engine);
    expect(ids).toEqual([97]);
    const message = `${engine.name} sent nothing more of its answer for 100 ms (timeouts.idleMs).`;
    expect(failure).toMatchObject({ code: "timeout", waitedFor: "next-token", retryable: true, message });
  });

  it("where an answer is not streamed is named so", async () => {
    const { client, begin } = await clientThat(() => {});
    begin("/tokenize");
    const message = `${client.address} sent no answer for 100 ms (timeouts.firstTokenMs).`;
    const failure = { code: "timeout", waitedFor: "first-token", retryable: true, message };
    await expect(client.post("/tokenize", {}, z.unknown())).rejects.toMatchObject(failure);
  });

  it("when it is connected to is named so", async () => {
    // It takes connections, and never answers the beginning of TLS.
    const server = createServer((socket) => void socket.on("error", () => {}));
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    onTestFinished(() => void server.close());
    const baseURL = `https://127.0.0.1:${(server.address() as AddressInfo).port}/v1`;
    await expect(createEngine({ baseURL, timeouts: { connectMs: 200 } })).rejects.toMatchObject({
      code: "timeout",
      waitedFor: "connection",
      retryable: true,
      message: `${baseURL} took no connection for 200 ms (timeouts.connectMs).`,
    });
  });

  it("is named too where a fetch of the user's has the limit", async () => {
    const cause = Object.assign(new Error("Connect Timeout Error"), { code: "UND_ERR_CONNECT_TIMEOUT" });
    const fetch = () => Promise.reject(new TypeError("fetch failed", { cause }));
    await expect(createEngine({ baseURL: "http://127.0.0.1:9/v1", fetch })).rejects.toMatchObject({
      code: "timeout",
      waitedFor: "connection",
      retryable: true,
      message:
        "http://127.0.0.1:9/v1 took no connection in time: Connect Timeout Error (a limit of the dispatcher or fetch that was given).",
    });
  });
});

describe("an address", () => {
  it("whose name is not known may be known later", async () => {
    await expect(createEngine({ baseURL: "http://nobody.invalid/v1" })).rejects.toMatchObject({
      code: "engine_unavailable",
      retryable: true,
    });
  });

  it("that resets the beginning of TLS may be well later", async () => {
    const server = createServer((socket) => void socket.once("data", () => socket.resetAndDestroy()));
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    onTestFinished(() => void server.close());
    const baseURL = `https://127.0.0.1:${(server.address() as AddressInfo).port}/v1`;
    await expect(createEngine({ baseURL })).rejects.toMatchObject({ code: "engine_unavailable", retryable: true });
  });

  it("that speaks no TLS never will", async () => {
    const fake = await startFakeServer({ model: () => "" });
    onTestFinished(() => fake.close());
    const baseURL = `${fake.baseURL.replace("http:", "https:")}/v1`;
    await expect(createEngine({ baseURL })).rejects.toMatchObject({ code: "engine_unavailable", retryable: false });
  });
});
