import { readFileSync } from "node:fs";
import { createServer as createHttpServer } from "node:http";
import { connect as connectTcp } from "node:net";
import type { AddressInfo, Server, Socket } from "node:net";
import { createServer as createTlsServer } from "node:tls";
import { expect, it, onTestFinished } from "vitest";
import { Agent, ProxyAgent } from "undici";
import { createEngine } from "../../src/engine/openai.ts";
import type { CreateEngineOptions } from "../../src/engine/openai.ts";
import { startFakeServer } from "../../src/testing/index.ts";

/** Signed by itself, for localhost, made for these tests and for nothing else. */
const read = (file: string): string => readFileSync(new URL(`../fixtures/tls/${file}`, import.meta.url), "utf8");
const cert = read("cert.pem");
const key = read("key.pem");
const noLimits = { headersTimeout: 0, bodyTimeout: 0 };

async function listening(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => void server.close());
  return (server.address() as AddressInfo).port;
}

function join(one: Socket, other: Socket): void {
  for (const socket of [one, other]) {
    socket.on("error", () => {});
    socket.on("close", () => void (one.destroy(), other.destroy()));
  }
  one.pipe(other).pipe(one);
}

async function fakePort(): Promise<number> {
  const server = await startFakeServer({ model: () => "yes" });
  onTestFinished(() => server.close());
  return Number(new URL(server.baseURL).port);
}

/** The address of a server that speaks TLS; with `ask` it wants its clients to prove who they are. */
async function tlsAddress(ask = false): Promise<string> {
  const behind = await fakePort();
  const options = { cert, key, requestCert: ask, rejectUnauthorized: ask, ca: cert };
  const server = createTlsServer(options, (socket) => join(socket, connectTcp(behind, "127.0.0.1")));
  server.on("tlsClientError", () => {});
  return `https://localhost:${await listening(server)}/v1`;
}

async function answerOf(options: CreateEngineOptions): Promise<string> {
  const engine = await createEngine(options);
  const { signal } = new AbortController();
  const call = { prompt: [256, 81], stop: { ids: [] }, maxTokens: 9, sampling: { temperature: 0, topP: 1 }, signal };
  let text = "";
  for await (const event of engine.complete(call)) {
    if (event.type === "pieces") text += event.pieces.map((piece) => piece.text).join("");
  }
  await engine.close();
  return text;
}

it("a server with a certificate of one's own authority answers where that is given", async () => {
  const dispatcher = new Agent({ connect: { ca: cert }, ...noLimits });
  onTestFinished(() => dispatcher.close());
  expect(await answerOf({ baseURL: await tlsAddress(), dispatcher })).toBe("yes");
});

it("a certificate that nobody vouches for is refused, and the error says what to give", async () => {
  await expect(createEngine({ baseURL: await tlsAddress() })).rejects.toMatchObject({
    code: "engine_unavailable",
    retryable: false,
    message: expect.stringMatching(
      /self-signed certificate.*dispatcher: new Agent\(\{ connect: \{ ca \} \}\)/,
    ) as string,
  });
});

it("a server that wants a client's certificate gets it", async () => {
  const baseURL = await tlsAddress(true);
  const dispatcher = new Agent({ connect: { ca: cert, cert, key }, ...noLimits });
  const nobody = new Agent({ connect: { ca: cert }, ...noLimits });
  onTestFinished(async () => void (await Promise.all([dispatcher.close(), nobody.close()])));
  expect(await answerOf({ baseURL, dispatcher })).toBe("yes");
  await expect(createEngine({ baseURL, dispatcher: nobody })).rejects.toMatchObject({ code: "engine_unavailable" });
});

it("calls go through a proxy that wants a key of its own, whose key is in no message", async () => {
  const behind = await fakePort();
  const asked: string[] = [];
  const proxy = createHttpServer();
  proxy.on("connect", (request, socket: Socket) => {
    if (request.headers["proxy-authorization"] !== "Bearer proxy-secret") {
      return void socket.end("HTTP/1.1 407 Proxy Authentication Required\r\n\r\n");
    }
    asked.push(request.url ?? "");
    socket.write("HTTP/1.1 200 Connection Established\r\n\r\n");
    join(socket, connectTcp(behind, "127.0.0.1"));
  });
  const uri = `http://127.0.0.1:${await listening(proxy)}`;
  const dispatcher = new ProxyAgent({ uri, token: "Bearer proxy-secret", ...noLimits });
  const wrong = new ProxyAgent({ uri, token: "Bearer wrong-secret", ...noLimits });
  onTestFinished(async () => void (await Promise.all([dispatcher.close(), wrong.close()])));
  expect(await answerOf({ baseURL: "http://model.invalid:8000/v1", dispatcher })).toBe("yes");
  expect(new Set(asked)).toEqual(new Set(["model.invalid:8000"]));
  const refused: unknown = await createEngine({ baseURL: "http://model.invalid:8000/v1", dispatcher: wrong }).catch(
    (error: unknown) => error,
  );
  expect(refused).toMatchObject({ code: "engine_unavailable", retryable: false });
  expect(String(refused)).not.toContain("wrong-secret");
});
