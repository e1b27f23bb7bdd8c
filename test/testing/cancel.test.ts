import { describe, expect, it } from "vitest";
import type { FakeServer, FakeServerOptions } from "../../src/testing/index.ts";
import { open, readStream, send } from "./support.ts";

/** A server whose calls wait before each part until they are let on. */
async function held(options: Partial<FakeServerOptions>): Promise<{ server: FakeServer; letOn: () => void }> {
  const waiting: (() => void)[] = [];
  let free = false;
  const sleep = (): Promise<void> => (free ? Promise.resolve() : new Promise((resolve) => waiting.push(resolve)));
  const server = await open({ kind: "sglang", headers: "at-once", sleep, ...options });
  const letOn = (): void => {
    free = true;
    for (const resolve of waiting) resolve();
  };
  return { server, letOn };
}

const asked = { prompt: [256], stream: true, return_token_ids: true };

describe("a client that hangs up", () => {
  it.each([
    ["abort", false],
    ["run-on", true],
  ] as const)("%s", async (onDisconnect, runsOn) => {
    const { server, letOn } = await held({ onDisconnect });
    const controller = new AbortController();
    await send(server, asked, { signal: controller.signal });
    controller.abort();
    await expect.poll(() => server.calls[0]?.hungUp).toBe(true);
    expect(server.running).toBe(1);
    letOn();
    await expect.poll(() => server.running).toBe(0);
    const again = await readStream(
      await send(server, { ...asked, prompt: [256, 97, 98, 99], stream_options: { include_usage: true } }),
    );
    // What ran on is in the cache.
    expect(again.parts.at(-1)?.usage?.prompt_tokens_details?.cached_tokens ?? 0).toBe(runsOn ? 3 : 0);
  });

  it("is noticed before the first token, too", async () => {
    const server = await open({ model: () => new Promise(() => {}) });
    const controller = new AbortController();
    await send(server, asked, { signal: controller.signal });
    expect(server.running).toBe(1);
    controller.abort();
    await expect.poll(() => server.running).toBe(0);
    expect(server.calls[0]).toMatchObject({ hungUp: true });
  });

  it("leaves a call that runs on, until it is ended by name", async () => {
    const { server, letOn } = await held({ onDisconnect: "run-on" });
    const controller = new AbortController();
    await send(server, { ...asked, rid: "one" }, { signal: controller.signal });
    controller.abort();
    await expect.poll(() => server.calls[0]?.hungUp).toBe(true);
    await send(server, { rid: "one" }, { path: "/abort_request" });
    expect(server.calls[0]).toMatchObject({ aborted: true });
    letOn();
    await expect.poll(() => server.running).toBe(0);
  });
});

describe("SGLang's names of calls", () => {
  it("end a call in good order, and every other whose name begins so", async () => {
    const { server, letOn } = await held({});
    const names = ["b1", "b10", "c1"];
    const responses = await Promise.all(names.map((rid) => send(server, { ...asked, rid })));
    for (const rid of ["b", "nobody"]) await send(server, { rid }, { path: "/abort_request" });
    expect(server.calls.map(({ aborted }) => aborted)).toEqual([false, false, false]);
    const answered = await send(server, { rid: "b1" }, { path: "/abort_request" });
    expect([answered.status, await answered.text()]).toEqual([200, ""]);
    letOn();
    const endings = await Promise.all(responses.map(async (response) => (await readStream(response)).choices.at(-1)));
    expect(endings.map((choice) => choice?.finish_reason)).toEqual(["abort", "abort", "stop"]);
    expect(server.calls.map(({ body, aborted }) => [body["rid"], aborted])).toEqual(
      expect.arrayContaining([
        ["b1", true],
        ["b10", true],
        ["c1", false],
      ]),
    );
  });

  it("are taken once at a time", async () => {
    const { server, letOn } = await held({});
    const first = await send(server, { ...asked, rid: "one" });
    const second = await send(server, { ...asked, rid: "one" });
    expect([second.status, await second.text()]).toEqual([
      400,
      '{"object":"error","message":"Duplicate request ID detected: one","type":"BadRequestError","param":null,"code":400}',
    ]);
    const native = await send(server, { input_ids: [256], stream: true, rid: "one" }, { path: "/generate" });
    expect([native.status, await native.text()]).toEqual([
      200,
      'data: {"error":{"message":"Duplicate request ID detected: one","type":"invalid_request_error","code":400,"retryable":false}}\n\ndata: [DONE]\n\n',
    ]);
    letOn();
    await first.text();
    expect((await send(server, { ...asked, rid: "one" })).status).toBe(200);
  });
});
