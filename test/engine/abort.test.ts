import { describe, expect, it } from "vitest";
import type { CompletionRequest, Engine } from "../../src/engine/engine.ts";
import type { FakeKind } from "../../src/testing/index.ts";
import { connect, fetchWith, isSettled, outcomeOf, requestOf } from "./support.ts";

const never = (): Promise<Response> => new Promise(() => {});

/** Aborts a call once `ready`, and expects it to end in that turn of the event loop with the signal's reason. */
async function expectAbortAtOnce(
  engine: Engine,
  options: Partial<CompletionRequest>,
  ready: () => void | Promise<unknown>,
): Promise<void> {
  const controller = new AbortController();
  const call = outcomeOf(engine, { ...options, signal: controller.signal });
  await ready();
  expect(await isSettled(call)).toBe(false);
  controller.abort("enough");
  expect(await isSettled(call)).toBe(true);
  expect((await call).error).toMatchObject({ code: "aborted", cause: "enough" });
}

describe.each<FakeKind>(["vllm", "sglang", "sglang-native", "llamacpp"])(
  "a call on %s ends when it is aborted",
  (kind) => {
    it("while the server has not answered", async () => {
      const { engine, server } = await connect({ kind, model: () => new Promise(() => {}) });
      await expectAbortAtOnce(engine, {}, () => expect.poll(() => server.running).toBe(1));
      await expect.poll(() => server.running).toBe(0);
    });

    it("while the server is silent in the middle of an answer, even where it takes long to be told", async () => {
      const fetch = fetchWith((path) => (path === "/abort_request" ? never() : undefined));
      const { engine, server } = await connect({ kind, model: () => ({ text: "ab", ending: "silence" }) }, { fetch });
      const controller = new AbortController();
      const texts: unknown[] = [];
      const call = (async () => {
        for await (const event of engine.complete(requestOf({ signal: controller.signal }))) texts.push(event);
      })();
      await expect.poll(() => texts.length).toBe(2);
      controller.abort("enough");
      expect(await isSettled(call)).toBe(true);
      await expect(call).rejects.toMatchObject({ code: "aborted", cause: "enough" });
      if (kind !== "sglang-native") await expect.poll(() => server.running).toBe(0);
    });

    it("before it began, and asks the server for nothing", async () => {
      const { engine, server } = await connect({ kind, model: () => "a" });
      const { error } = await outcomeOf(engine, { signal: AbortSignal.abort("early") });
      expect(error).toMatchObject({ code: "aborted", cause: "early" });
      expect(server.calls).toEqual([]);
    });
  },
);

describe("a call ends when it is aborted", () => {
  it("while it waits for the call that it goes on from", async () => {
    const { engine, server } = await connect({ kind: "sglang", model: () => "a</Thread>" });
    const controller = new AbortController();
    for await (const event of engine.complete(requestOf({ id: "trunk", stop: { ids: [268] } }))) {
      if (event.type !== "pieces" || event.pieces[0]?.ids?.[0] !== 268) continue;
      const child = outcomeOf(engine, { extends: "trunk", signal: controller.signal });
      expect(await isSettled(child)).toBe(false);
      controller.abort("enough");
      expect(await isSettled(child)).toBe(true);
      expect((await child).error).toMatchObject({ code: "aborted" });
    }
    expect(server.calls).toHaveLength(1);
  });

  it("while another computes the prompt that both begin with", async () => {
    const { engine, server } = await connect({ kind: "sglang", model: () => new Promise(() => {}) });
    const prompt = [256, ...Array.from({ length: 400 }, () => 65)];
    const first = new AbortController();
    const ahead = outcomeOf(engine, { prompt, signal: first.signal });
    await expectAbortAtOnce(engine, { prompt }, () => expect.poll(() => server.running).toBe(1));
    first.abort();
    await ahead;
    expect(server.calls).toHaveLength(1);
  });

  it("while its prompt is turned into text", async () => {
    let isStuck = false;
    const fetch = fetchWith((path) => (isStuck && path === "/detokenize" ? never() : undefined));
    const { engine, server } = await connect(
      { kind: "vllm", model: () => "a" },
      { fetch, profile: { answer: { ids: null }, request: { promptAs: "text" } } },
    );
    isStuck = true;
    await expectAbortAtOnce(engine, { prompt: [256, 81, 82, 83] }, () => {});
    expect(server.calls).toEqual([]);
  });

  it("while a part of its answer is being decoded", async () => {
    let isStuck = false;
    let asked = 0;
    const fetch = fetchWith((path) => {
      if (!isStuck || path !== "/detokenize") return undefined;
      asked += 1;
      return never();
    });
    const { engine } = await connect({ kind: "vllm", model: () => "xyz", tokensPerChunk: 3 }, { fetch });
    isStuck = true;
    await expectAbortAtOnce(engine, {}, () => expect.poll(() => asked).toBe(3));
  });

  it("between two of its parts", async () => {
    const { engine } = await connect({ kind: "vllm", model: () => "abc" });
    const controller = new AbortController();
    const events = engine.complete(requestOf({ signal: controller.signal }))[Symbol.asyncIterator]();
    expect(await events.next()).toMatchObject({ done: false });
    controller.abort("enough");
    await expect(events.next()).rejects.toMatchObject({ code: "aborted", cause: "enough" });
    expect(await events.next()).toEqual({ done: true, value: undefined });
  });
});
