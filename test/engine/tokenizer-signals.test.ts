import { describe, expect, it } from "vitest";
import type { Tokenizer } from "../../src/engine/engine.ts";
import { connect, fetchWith, isSettled } from "./support.ts";

/** A server whose tokenizer answers nothing from now on; `open` counts the requests that somebody still waits for. */
async function connectStuck(): Promise<{ tokenizer: Tokenizer; open: () => number; release: () => void }> {
  let isStuck = false;
  let open = 0;
  const { promise: released, resolve: release } = Promise.withResolvers<void>();
  const stuck: typeof fetch = async (input, init) => {
    if (!isStuck || !(input instanceof Request ? input.url : String(input)).includes("tokenize"))
      return fetch(input, init);
    open += 1;
    const { promise: hungUp, reject } = Promise.withResolvers<never>();
    init?.signal?.addEventListener("abort", () => reject(new DOMException("hung up", "AbortError")), { once: true });
    await Promise.race([released, hungUp]).finally(() => void (open -= 1));
    return fetch(input, init);
  };
  const { engine } = await connect({ model: () => "a" }, { fetch: stuck });
  isStuck = true;
  return { tokenizer: engine.tokenizer, open: () => open, release };
}

const ways: [name: string, ask: (tokenizer: Tokenizer, signal: AbortSignal) => unknown][] = [
  [
    "encode, as the runtime means it",
    (tokenizer, signal) => tokenizer.encode("new text", { controls: "parse", signal }),
  ],
  ["encode, as somebody typed it", (tokenizer, signal) => tokenizer.encode("<Thread>", { controls: "text", signal })],
  ["decode", (tokenizer, signal) => tokenizer.decode([65, 66], { signal })],
  ["renderChat", (tokenizer, signal) => tokenizer.renderChat([{ role: "user", content: "Q" }], { signal })],
];

describe("a server's tokenizer that does not answer", () => {
  it.each(ways)("is not waited for after an abort, and is not asked any more: %s", async (_, ask) => {
    const { tokenizer, open } = await connectStuck();
    const controller = new AbortController();
    const asked = Promise.resolve(ask(tokenizer, controller.signal));
    await expect.poll(open).toBeGreaterThan(0);
    controller.abort("enough");
    expect(await isSettled(asked)).toBe(true);
    await expect(asked).rejects.toMatchObject({ code: "aborted", cause: "enough" });
    await expect.poll(open).toBe(0);
  });

  it.each(ways)("is not asked at all by whoever has given up before: %s", async (_, ask) => {
    const { tokenizer, open } = await connectStuck();
    await expect(ask(tokenizer, AbortSignal.abort("early"))).rejects.toMatchObject({ code: "aborted" });
    expect(open()).toBe(0);
  });

  it("goes on for another who asked for the same", async () => {
    const { tokenizer, open, release } = await connectStuck();
    const controller = new AbortController();
    const first = Promise.resolve(tokenizer.encode("ab", { controls: "parse", signal: controller.signal }));
    const second = tokenizer.encode("ab", { controls: "parse" });
    await expect.poll(open).toBe(1);
    controller.abort();
    await expect(first).rejects.toMatchObject({ code: "aborted" });
    release();
    expect(await second).toEqual([97, 98]);
  });
});

describe("what can be encoded without waiting", () => {
  it("is what the server was asked for before", async () => {
    let asked = 0;
    const fetch = fetchWith((path) => {
      asked += path === "/tokenize" ? 1 : 0;
      return undefined;
    });
    const { engine } = await connect({ model: () => "a" }, { fetch });
    const { tokenizer } = engine;
    const before = asked;
    expect(tokenizer.encodeSync?.("a <Thread> b", { controls: "parse" })).toBeUndefined();
    expect(asked).toBe(before);
    for (const controls of ["parse", "text"] as const) {
      // oxlint-disable-next-line no-await-in-loop -- one after the other
      const ids = await tokenizer.encode("a <Thread> b", { controls });
      expect(tokenizer.encodeSync?.("a <Thread> b", { controls })).toEqual(ids);
    }
    expect(tokenizer.encodeSync?.("", { controls: "text" })).toEqual([]);
  });

  it("is everything in a chat, but for what is refused there", async () => {
    const { engine } = await connect({ kind: "chat", model: () => "a" });
    const { tokenizer } = engine;
    expect(tokenizer.encodeSync?.("ab", { controls: "text" })).toEqual([97, 98]);
    expect(tokenizer.encodeSync?.("<Thread>", { controls: "parse" })).toHaveLength(8);
    expect(tokenizer.encodeSync?.("</think>", { controls: "text" })).toBeUndefined();
  });

  it("is everything where each character is a token, but for what is refused there", async () => {
    const { engine } = await connect({ kind: "text", model: () => "a" });
    expect(engine.tokenizer.encodeSync?.("a€", { controls: "text" })).toEqual([97, 0x20ac]);
    expect(engine.tokenizer.encodeSync?.("</think>", { controls: "text" })).toBeUndefined();
  });
});
