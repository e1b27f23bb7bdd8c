import { afterEach, expect, it } from "vitest";
import { Agent } from "undici";
import { createEngine } from "../../src/engine/openai.ts";
import type { ServerEngine } from "../../src/engine/server-engine.ts";
import { startFakeServer } from "../../src/testing/index.ts";
import type { FakeServer } from "../../src/testing/index.ts";
import { FaultyProxy } from "../faulty-proxy.ts";

let server: FakeServer;
let engine: ServerEngine | undefined;
afterEach(async () => {
  await engine?.close();
  await server?.close();
});

it("a name that has an IPv6 address too finds a server on IPv4", async () => {
  server = await startFakeServer({ model: () => "" });
  engine = await createEngine({ baseURL: server.baseURL.replace("127.0.0.1", "localhost") });
  expect(engine.model).toBe("forkjoin-arith");
});

it("goes through a dispatcher of the user's: a proxy, or a connection with its own TLS options", async () => {
  server = await startFakeServer({ model: () => "" });
  const port = new URL(server.baseURL).port;
  const lookup: NonNullable<Agent.Options["connect"]> = {
    lookup: (_host, _options, done) => done(null, [{ address: "127.0.0.1", family: 4 }]),
  };
  const dispatcher = new Agent({ connect: lookup, headersTimeout: 0, bodyTimeout: 0 });
  engine = await createEngine({ baseURL: `http://model.invalid:${port}/v1`, dispatcher });
  expect(engine.model).toBe("forkjoin-arith");
  await engine.close();
  // It is the user's, and stays open.
  expect(dispatcher.closed).toBe(false);
  await dispatcher.close();
});

it("hundreds of calls run at once", async () => {
  server = await startFakeServer({ model: () => "abc", chunkDelayMs: 1000 });
  const on = await createEngine({ baseURL: server.baseURL });
  engine = on;
  const call = async (): Promise<number> => {
    let pieces = 0;
    const signal = new AbortController().signal;
    const request = {
      prompt: [256, 81],
      stop: { ids: [] },
      maxTokens: 9,
      sampling: { temperature: 0, topP: 1 },
      signal,
    };
    for await (const event of on.complete(request)) if (event.type === "pieces") pieces += event.pieces.length;
    return pieces;
  };
  const calls = Array.from({ length: 300 }, call);
  await expect.poll(() => server.running, { timeout: 20_000, interval: 10 }).toBeGreaterThan(100);
  expect(new Set(await Promise.all(calls))).toEqual(new Set([4]));
});

it("a connection that the server closed at the last moment is tried once more", async () => {
  server = await startFakeServer({ model: () => "abc" });
  let requests = 0;
  const flaky: typeof fetch = async (input, init) => {
    requests += 1;
    if (requests === 3)
      throw new TypeError("fetch failed", { cause: Object.assign(new Error("closed"), { code: "UND_ERR_SOCKET" }) });
    return fetch(input, init);
  };
  engine = await createEngine({ baseURL: server.baseURL, fetch: flaky });
  expect(engine.model).toBe("forkjoin-arith");
});

it("connections are kept after all that there were have been lost", async () => {
  server = await startFakeServer({ model: () => "abc" });
  const proxy = await new FaultyProxy(server.baseURL).start();
  engine = await createEngine({ baseURL: proxy.url });
  proxy.arm(() => undefined);
  for (let n = 0; n < 10; n += 1) await engine.tokenizer.encode(`text ${n}`, { controls: "text" });
  // The first request may find a connection of which it is not known yet that it is lost.
  expect(proxy.connections).toBeLessThanOrEqual(2);
  await engine.close();
  await proxy.close();
});
