import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { describe, expect, it, onTestFinished } from "vitest";
import { createEngine, type CreateEngineOptions } from "../../src/engine/openai.ts";
import { masked, secretsOf } from "../../src/engine/http/secrets.ts";
import { ThreadweaverError } from "../../src/errors.ts";
import { startFakeServer } from "../../src/testing/index.ts";

interface Answer {
  status: number;
  headers?: Record<string, string>;
  body: (request: IncomingMessage) => unknown;
}

/** What connecting to a server fails with that answers everything like this. */
async function failureOf(
  { status, headers, body }: Answer,
  options: Partial<CreateEngineOptions> = {},
): Promise<ThreadweaverError> {
  const server = createServer((request, response) => {
    response.writeHead(status, { "content-type": "application/json", ...headers });
    response.end(JSON.stringify(body(request)));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => void server.close());
  const baseURL = `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`;
  const error: unknown = await createEngine({ baseURL, ...options }).catch((thrown: unknown) => thrown);
  if (!ThreadweaverError.isInstance(error)) throw new Error("no error of ours", { cause: error });
  return error;
}

describe("what a server says with a failure", () => {
  it.each<[string, string, number]>([
    ["seconds", "7", 7000],
    ["parts of seconds", "0.25", 250],
    ["a date that has passed", "Wed, 21 Oct 2015 07:28:00 GMT", 0],
  ])("reaches the caller as fields: status, time to wait in %s, its name of the request", async (_, value, ms) => {
    const headers = { "retry-after": value, "x-request-id": "req-7" };
    const error = await failureOf({ status: 503, headers, body: () => ({ detail: "full" }) });
    expect(error).toMatchObject({ status: 503, retryable: true, retryAfterMs: ms, requestId: "req-7" });
    expect(error.cause).toMatchObject({ headers: expect.any(Headers) as Headers });
  });

  it("is no time to wait where it is not readable", async () => {
    const error = await failureOf({ status: 429, headers: { "retry-after": "soon" }, body: () => ({ error: "busy" }) });
    expect(error).toMatchObject({ status: 429, retryable: true, retryAfterMs: undefined, requestId: undefined });
  });

  it("may be said against the request itself: then it is not made again", async () => {
    expect(await failureOf({ status: 404, body: () => ({}) })).toMatchObject({ status: 404, retryable: false });
    expect(await failureOf({ status: 401, body: () => ({}) })).toMatchObject({ status: 401, retryable: false });
  });

  it("is nothing where nothing answers, and that may pass", async () => {
    const gone = await startFakeServer({ model: () => "" });
    await gone.close();
    const error = await createEngine({ baseURL: gone.baseURL }).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: "engine_unavailable", retryable: true, status: undefined });
  });
});

it("what a server says when it refuses a call reaches the caller too", async () => {
  const refusal = { status: 503, message: "full", retryAfter: 2 };
  await using server = await startFakeServer({
    model: (prompt) => (prompt.includes("Q") ? { text: "", refusal } : "hi"),
  });
  await using engine = await createEngine({ baseURL: server.baseURL });
  const request = { prompt: [256, 81], stop: { ids: [] }, maxTokens: 9, sampling: {} };
  const events = engine.complete({ ...request, signal: new AbortController().signal });
  await expect(events.next()).rejects.toMatchObject({ code: "engine_failed", status: 503, retryAfterMs: 2000 });
});

describe("secrets in messages", () => {
  const repeats = ({ headers }: IncomingMessage) => ({ detail: `bad ${JSON.stringify(headers)}` });

  it("are hidden, and with them the original error, though not its status", async () => {
    const options = { apiKey: "sk-0123456789", headers: { "X-Api-Key": "abcdefgh" } };
    const error = await failureOf({ status: 400, body: repeats }, options);
    expect(error.message).not.toMatch(/sk-0123456789|abcdefgh/);
    expect(error.message).toContain("***");
    expect(error.cause).toBeUndefined();
    expect(error.status).toBe(400);
  });

  it("are nothing else: other headers and short values stay as they are", async () => {
    const headers = { "X-Priority": "1", "X-Tenant": "a", "X-Empty": "", Authorization: "short" };
    const error = await failureOf({ status: 400, body: repeats }, { headers });
    expect(error.message).toContain('"x-priority":"1"');
    expect(error.message).not.toContain("***");
    expect(error.cause).toBeDefined();
  });

  it("of a run are hidden as those of the engine are", async () => {
    const headers = { authorization: "Bearer run-secret-7" };
    const refusal = { status: 400, message: "bad key run-secret-7" };
    await using server = await startFakeServer({
      model: (prompt) => (prompt.includes("Q") ? { text: "", refusal } : "hi"),
    });
    await using engine = await createEngine({ baseURL: server.baseURL });
    const request = { prompt: [256, 81], stop: { ids: [] }, maxTokens: 9, sampling: {}, headers };
    const events = engine.complete({ ...request, signal: new AbortController().signal });
    await expect(events.next()).rejects.toMatchObject({ message: expect.stringContaining("bad key ***") as string });
  });

  it("are found with and without the scheme before them, the longest first", () => {
    const secrets = secretsOf("0123456789", { authorization: "Bearer abcdefghij", cookie: "abcdefgh" });
    const given = ["Bearer abcdefghij", "0123456789", "abcdefghij", "abcdefgh"];
    expect(secrets.filter((secret) => given.includes(secret))).toEqual(given);
    expect(masked("got abcdefghij and 0123456789", secrets)).toBe("got *** and ***");
  });
});

describe("what a run sends besides", () => {
  it("reaches the server: headers of the run win over those of the engine, and fields over ours", async () => {
    await using server = await startFakeServer({ model: () => "hi" });
    await using engine = await createEngine({ baseURL: server.baseURL, headers: { "x-a": "engine", "x-b": "engine" } });
    const events = engine.complete({
      prompt: [256, 81],
      stop: { ids: [] },
      maxTokens: 9,
      sampling: {},
      signal: new AbortController().signal,
      headers: { "X-B": "run", traceparent: "00-1" },
      extraBody: { priority: 1 },
    });
    for await (const event of events) void event;
    expect(server.calls[0]?.headers).toMatchObject({ "x-a": "engine", "x-b": "run", traceparent: "00-1" });
    expect(server.calls[0]?.body).toMatchObject({ priority: 1 });
  });

  it("and has no field for is refused by name, unless it is off", async () => {
    await using server = await startFakeServer({ model: () => "hi" });
    const profile = { request: { topK: null, minP: null, repetitionPenalty: null } };
    await using engine = await createEngine({ baseURL: server.baseURL, profile });
    const ask = async (sampling: object) => {
      const signal = new AbortController().signal;
      for await (const event of engine.complete({ prompt: [81], stop: { ids: [] }, maxTokens: 9, sampling, signal })) {
        void event;
      }
    };
    await ask({ topK: 0, minP: 0, repetitionPenalty: 1 });
    await expect(ask({ topK: 5 })).rejects.toMatchObject({
      code: "invalid_option",
      message: expect.stringMatching(
        /^topK is 5, but no field for it is known on http.*set it to 0 \(off\), or name/,
      ) as string,
    });
  });
});
