import { createServer } from "node:http";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { gzipSync } from "node:zlib";
import { expect, it, onTestFinished } from "vitest";
import { createEngine } from "../../src/engine/openai.ts";
import type { CompletionEvent } from "../../src/engine/engine.ts";
import { startFakeServer } from "../../src/testing/index.ts";
import { connect, outcomeOf, requestOf } from "./support.ts";

type Handler = (asked: { url: string; body: string }, response: ServerResponse, target: string) => boolean;

/** A router before a fake server: `handle` may answer a request itself. */
async function routed(handle: Handler) {
  const fake = await startFakeServer({ model: () => "abc" });
  onTestFinished(() => fake.close());
  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const { url = "/", method = "GET" } = request;
    const body = await text(request);
    if (handle({ url, body }, response, fake.baseURL)) return;
    const headers = { "content-type": "application/json" };
    const answered = await fetch(`${fake.baseURL}${url}`, { method, headers, ...(body !== "" && { body }) });
    response.writeHead(answered.status, { "content-type": answered.headers.get("content-type") ?? "" });
    response.end(await answered.text());
  };
  const server = createServer((request, response) => void answer(request, response));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => void (server.closeAllConnections(), server.close()));
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- it listens on a port
  const { port } = server.address() as AddressInfo;
  const engine = await createEngine({ baseURL: `http://127.0.0.1:${port}/v1` });
  onTestFinished(() => engine.close());
  return { engine, fake };
}

const isStream = (body: string): boolean => body.includes('"stream":true') && !body.includes('"max_tokens":1,');

it("a stream that is redirected is followed", async () => {
  const { engine } = await routed(({ url, body }, response, target) => {
    if (!isStream(body)) return false;
    response.writeHead(307, { location: `${target}${url}` }).end();
    return true;
  });
  expect(await outcomeOf(engine)).toMatchObject({ text: "abc", error: undefined });
});

it("a stream that is compressed though that was not asked for is read", async () => {
  const { engine } = await routed(({ url, body }, response, target) => {
    if (!isStream(body)) return false;
    void (async () => {
      const headers = { "content-type": "application/json" };
      const answered = await fetch(`${target}${url}`, { method: "POST", headers, body });
      response.writeHead(200, { "content-type": "text/event-stream", "content-encoding": "gzip" });
      response.end(gzipSync(await answered.text()));
    })();
    return true;
  });
  expect(await outcomeOf(engine)).toMatchObject({ text: "abc", error: undefined });
});

it("a stream that is refused says what the server said", async () => {
  const { engine } = await routed(({ body }, response) => {
    if (!isStream(body)) return false;
    response.writeHead(422, { "content-type": "application/json" }).end('{"error":{"message":"not today"}}');
    return true;
  });
  const { error } = await outcomeOf(engine);
  expect(error).toMatchObject({ code: "engine_refused", message: expect.stringContaining("not today") });
});

it("leaving the loop closes the connection", async () => {
  const { engine, server } = await connect({ model: () => ({ text: "ab", ending: "silence" }) });
  for await (const event of engine.complete(requestOf())) if (event.type === "pieces") break;
  await expect.poll(() => server.calls[0]?.hungUp).toBe(true);
});

it("events may be asked for before they come, and come in order", async () => {
  const { engine } = await connect({ model: () => "abc" });
  const events = engine.complete(requestOf())[Symbol.asyncIterator]();
  const came = await Promise.all(Array.from({ length: 7 }, () => events.next()));
  const texts = came.map(({ value }) => textOf(value));
  expect(texts).toEqual(["a", "b", "c", "", undefined, undefined, undefined]);
  expect(came.map(({ done }) => done)).toEqual([false, false, false, false, false, true, true]);
});

it.each([true, false])(
  "parts that arrive together come as one event only where that was asked for: %s",
  async (together) => {
    // The router passes on what the server said in one piece. The token that ends it is decoded, and so comes later.
    const { engine } = await routed(() => false);
    const prompt = [256, ...Buffer.from("a prompt that is longer than one part")];
    const { parts, text: whole } = await outcomeOf(engine, { together, prompt });
    expect(whole).toBe("abc");
    expect(parts.map((pieces) => pieces.length)).toEqual(together ? [3, 1] : [1, 1, 1, 1]);
  },
);

function textOf(event: CompletionEvent | undefined): string | undefined {
  return event?.type === "pieces" ? event.pieces.map((piece) => piece.text).join("") : undefined;
}
