import { connect as connectTcp, createServer } from "node:net";
import type { AddressInfo, Socket } from "node:net";
import { expect, it, onTestFinished } from "vitest";
import { createEngine } from "../../src/engine/openai.ts";
import type { ThreadweaverError } from "../../src/errors.ts";
import type { RunResult } from "../../src/run/result.ts";
import { callsAtServer, connect, first, runnerOn, url } from "./support.ts";

/** Something between us and the server that is cut, as a server that dies cuts its connections. */
class Proxy {
  url = "";
  /** Whether to cut, by what the server has written since. */
  cutWhen: (written: string) => boolean = () => false;
  readonly #sockets = new Set<Socket>();
  #written = "";
  readonly #server = createServer((client) => {
    const { hostname, port } = new URL(url);
    const upstream = connectTcp(Number(port), hostname);
    for (const socket of [client, upstream]) {
      this.#sockets.add(socket);
      socket.on("error", () => {});
      socket.on("close", () => void (client.destroy(), upstream.destroy()));
    }
    upstream.on("data", (bytes) => this.#watch(bytes.toString()));
    client.pipe(upstream).pipe(client);
  });

  async start(): Promise<void> {
    await new Promise<void>((resolve) => this.#server.listen(0, "127.0.0.1", resolve));
    this.url = `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
    onTestFinished(() => this.cut());
  }

  cut(): void {
    this.#server.close();
    for (const socket of this.#sockets) socket.resetAndDestroy();
  }

  #watch(text: string): void {
    this.#written += text;
    if (this.cutWhen(this.#written)) this.cut();
  }
}

/** Tokens that were generated, however many come in one part. */
const tokensIn = (written: string): number =>
  [...written.matchAll(/"token_ids":\[([\d,]+)\]/g)].reduce(
    (sum, match) => sum + (match[1] ?? "").split(",").length,
    0,
  );
/** The trunk's stream is the first answer of its kind. */
const trunkStart = "text/event-stream";
const trunkEnd = /"token_ids":\[(?:\d+,)*264\]/;

/** What a run fails with whose server dies then. */
async function failureOf(cutWhen: (written: string) => boolean): Promise<{ error: unknown; address: string }> {
  const between = new Proxy();
  await between.start();
  const engine = await connect({ baseURL: between.url });
  between.cutWhen = cutWhen;
  const error: unknown = await runnerOn(engine)
    .run({ prompt: first.prompt })
    .result.catch((thrown: unknown) => thrown);
  return { error, address: between.url };
}

it("a server that dies while the trunk is written fails the run, and what came is not lost", async () => {
  const { error, address } = await failureOf(
    (written) => tokensIn(written.slice(written.lastIndexOf(trunkStart))) > 35,
  );
  expect(error).toMatchObject({
    // Where tokens come in bulk their texts are asked for too, and that may be what fails first.
    code: expect.stringMatching(/engine_failed|engine_unavailable/) as string,
    message: expect.stringContaining(address) as string,
    partial: { text: expect.stringContaining("<think>\nSplit") as string, ending: { kind: "failed" } },
  });
  await expect.poll(callsAtServer, { timeout: 20_000 }).toBe(0);
  await expect(createEngine({ baseURL: address })).rejects.toMatchObject({ code: "engine_unavailable" });
});

it("a server that dies while threads are written fails the run, and what came is not lost", async () => {
  const { error } = await failureOf((written) => {
    const end = trunkEnd.exec(written);
    return end !== null && tokensIn(written.slice(end.index)) > 90;
  });
  expect(error).toMatchObject({ code: expect.stringMatching(/engine_failed|engine_unavailable/) as string });
  const { text, threads } = (error as ThreadweaverError).partial as RunResult;
  expect(text).toContain(first.pre);
  expect(threads.map(({ ending }) => ending.kind)).toEqual(first.threads.map(() => "failed"));
  expect(threads.some(({ tokens }) => tokens > 0)).toBe(true);
  await expect.poll(callsAtServer, { timeout: 20_000 }).toBe(0);
});
