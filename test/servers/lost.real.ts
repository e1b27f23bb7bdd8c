import { connect as connectTcp, createServer } from "node:net";
import type { AddressInfo, Socket } from "node:net";
import { expect, it, onTestFinished } from "vitest";
import { path } from "../../src/core/trie/path.ts";
import { deserializeTrie } from "../../src/core/trie/serialize.ts";
import { createEngine } from "../../src/engine/openai.ts";
import type { ThreadweaverError } from "../../src/errors.ts";
import type { RunEvent } from "../../src/run/events.ts";
import type { RunResult } from "../../src/run/result.ts";
import { textsOf } from "../run/texts.ts";
import { kind, callsAtServer, connect, encode, first, runnerOn, url } from "./support.ts";

/** Something between us and the server that is cut, as a server that dies cuts its connections. */
class Proxy {
  url = "";
  readonly #sockets = new Set<Socket>();
  readonly #server = createServer((client) => {
    const { hostname, port } = new URL(url);
    const upstream = connectTcp(Number(port), hostname);
    for (const socket of [client, upstream]) {
      this.#sockets.add(socket);
      socket.on("error", () => {});
      socket.on("close", () => void (client.destroy(), upstream.destroy()));
    }
    client.pipe(upstream).pipe(client);
  });

  async start(): Promise<void> {
    await new Promise<void>((resolve) => this.#server.listen(0, "127.0.0.1", resolve));
    this.url = `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
    onTestFinished(() => this.cut());
  }

  /** For good. */
  cut(): void {
    this.#server.close();
    this.cutAll();
  }

  /** New connections are taken. */
  cutAll(): void {
    for (const socket of this.#sockets) socket.resetAndDestroy();
  }
}

it("connections that are cut again and again, anywhere in a run, lose no token and bring none twice", async () => {
  const between = new Proxy();
  await between.start();
  const engine = await connect({ baseURL: between.url });
  const run = runnerOn(engine).run({ prompt: first.prompt }, { retry: { baseMs: 20 } });
  let tokens = 0;
  let cuts = 0;
  for await (const event of run) {
    if (event.type !== "text" || event.by !== "model") continue;
    tokens += 1;
    if (tokens % 25 !== 0 || cuts === 12) continue;
    cuts += 1;
    between.cutAll();
  }
  const result = await run.result;
  expect(cuts).toBeGreaterThan(3);
  expect(result.retries).toBeGreaterThan(0);
  expect(result.text).toBe(first.text.slice(first.prompt.length, -"</s>".length));
  expect(path(deserializeTrie(result.tree), result.tree.head).flatMap(({ ids = [] }) => ids)).toEqual([
    256,
    ...encode(first.text),
  ]);
  await expect.poll(callsAtServer, { timeout: 20_000 }).toBe(0);
});

interface Failure {
  error: unknown;
  address: string;
  /** The text of each sequence, as the events said it. */
  shown: Map<string, string>;
}

/** What a run fails with whose server dies then. */
async function failureOf(isReached: (shown: Map<string, string>) => boolean): Promise<Failure> {
  const between = new Proxy();
  await between.start();
  const engine = await connect({ baseURL: between.url });
  const run = runnerOn(engine).run({ prompt: first.prompt }, { retry: false });
  const events: RunEvent[] = [];
  try {
    for await (const event of run) {
      events.push(event);
      if (event.type === "text" && isReached(textsOf(events))) between.cut();
    }
  } catch (error) {
    return { error, address: between.url, shown: textsOf(events) };
  }
  return expect.fail("the server was lost, and the run went on");
}

// llama.cpp has written the trunk in the time in which one event is read.
it.skipIf(kind === "llamacpp")(
  "a server that dies while the trunk is written fails the run, and what came is not lost",
  async () => {
    const { error, address, shown } = await failureOf((so) => (so.get("0")?.length ?? 0) > 20);
    expect(error).toMatchObject({
      // Where tokens come in bulk their texts are asked for too, and that may be what fails first.
      code: expect.stringMatching(/engine_failed|engine_unavailable/) as string,
      message: expect.stringContaining(address) as string,
      partial: {
        text: shown.get("0"),
        ending: { kind: "failed" },
        complete: false,
        incomplete: expect.arrayContaining([
          { threadId: "0", ending: { kind: "failed", message: expect.stringContaining(address) as string } },
        ]) as unknown[],
      },
    });
    expect(shown.get("0")?.length).toBeGreaterThan(20);
    await expect.poll(callsAtServer, { timeout: 20_000 }).toBe(0);
    await expect(createEngine({ baseURL: address })).rejects.toMatchObject({ code: "engine_unavailable" });
  },
);

it("a server that dies while threads are written fails the run, and what came is not lost", async () => {
  const { error, shown } = await failureOf((so) => so.has("0/1.1"));
  expect(error).toMatchObject({ code: expect.stringMatching(/engine_failed|engine_unavailable/) as string });
  const { text, threads, incomplete, warnings } = (error as ThreadweaverError).partial as RunResult;
  expect(text).toContain(first.pre);
  expect(shown.get("0")).toBe(text);
  // On a loaded machine the last tokens of a thread may have come before we saw the first.
  for (const { ending } of threads) expect(["failed", "marker"]).toContain(ending.kind);
  expect(threads).toHaveLength(first.threads.length);
  for (const { threadId, text: own } of threads) expect(shown.get(threadId) ?? "").toBe(own);
  const lost = threads.filter(({ ending }) => ending.kind === "failed").map(({ threadId }) => threadId);
  expect(incomplete.map(({ threadId }) => threadId)).toEqual(["0", ...lost]);
  const warned = warnings.filter(({ code }) => code === "thread-failed").map(({ threadId }) => threadId);
  expect(warned.toSorted()).toEqual(lost);
  await expect.poll(callsAtServer, { timeout: 20_000 }).toBe(0);
});
