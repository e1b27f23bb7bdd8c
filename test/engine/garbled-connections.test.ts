import { describe, expect, it, onTestFinished } from "vitest";
import { createEngine } from "../../src/engine/openai.ts";
import type { ServerEngine } from "../../src/engine/server-engine.ts";
import { startFakeServer } from "../../src/testing/index.ts";
import { FaultyProxy } from "../faulty-proxy.ts";
import { engineOn, texts } from "./servers/plain-server.ts";
import { outcomeOf } from "./support.ts";

type Garble = (bytes: Buffer) => Buffer;

/** Leaves the length of what it changes as it is. */
const replacing =
  (what: RegExp, by: string): Garble =>
  (bytes) =>
    Buffer.from(bytes.toString("latin1").replace(what, by), "latin1");

/** What a connection makes of every answer. */
const garbles: [what: string, garbled: Garble][] = [
  ["without an opening brace", replacing(/\{/g, "[")],
  ["without a closing brace", replacing(/\}/g, " ")],
  ["with other names of its fields", replacing(/data: |"tokens"|"count"/g, "?")],
  ["that is no UTF-8", replacing(/["{}:]/g, "\u00FF")],
  ["that is no HTTP", replacing(/HTTP\/1.1/g, "HTPT/1.1")],
  ["in chunks without a size", replacing(/\r\n[0-9a-f]+\r\n/g, "\r\nzz\r\n")],
  ["that is longer than it said", (bytes) => Buffer.concat([bytes, Buffer.from("more\r\n\r\n")])],
  ["that says it is compressed", replacing(/content-type: [^\r]*/gi, "content-encoding: gzip")],
];

/** An engine on a server that says `abc`. Its connections are well until `spoil` is called; later ones stay well. */
async function spoilt(garble: Garble): Promise<{ engine: ServerEngine; spoil: () => void }> {
  const server = await startFakeServer({ model: () => "abc" });
  onTestFinished(() => server.close());
  const proxy = await new FaultyProxy(server.baseURL).start();
  onTestFinished(() => proxy.close());
  let isSpoilt = false;
  const garbled: Garble = (bytes) => (isSpoilt ? garble(bytes) : bytes);
  proxy.arm(() => (isSpoilt ? undefined : { after: 0, kind: "garble", garbled }));
  const engine = await createEngine({ baseURL: proxy.url, timeouts: { firstTokenMs: 2000, idleMs: 2000 } });
  onTestFinished(() => engine.close());
  return { engine, spoil: () => void (isSpoilt = true) };
}

describe.each(garbles)("connections whose every answer is one %s", (_, garble) => {
  it("fail one call, and the next one takes a new one", async () => {
    const { engine, spoil } = await spoilt(garble);
    spoil();
    await outcomeOf(engine);
    expect(await outcomeOf(engine)).toMatchObject({ text: "abc", error: undefined });
  });

  it("fail one text that is encoded, and the next one takes a new one", async () => {
    const { engine, spoil } = await spoilt(garble);
    const encode = async (): Promise<number[]> => engine.tokenizer.encode("one text", { controls: "text" });
    spoil();
    await encode().catch(() => undefined);
    expect(await encode()).toHaveLength("one text".length);
  });
});

it("the connection of an answer whose first event never ends is closed", async () => {
  const endless = `data: ${"?".repeat(2 ** 20)}`;
  const { engine, server } = await engineOn(
    texts(() => ({ body: [endless, ...Array(17).fill("?".repeat(2 ** 20))], open: true })),
  );
  const { error } = await outcomeOf(engine);
  expect(error).toMatchObject({ code: "engine_failed", retryable: true });
  await expect.poll(() => server.hungUp()).toBe(1);
});
