/**
 * A fake vLLM in a process of its own, so that what it costs is not counted as the client's. The answer to each request
 * body is asked of the fake server once, and played from then on: see `replay.ts`.
 */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { startFakeServer } from "../../src/testing/index.ts";
import { Replay, type Pace } from "./replay.ts";

const words = ["sum", " of", " the", " two", " is", " even", " so", " it"];

function plan(threads: number): string {
  const items = Array.from({ length: threads }, (_, i) => `<Outline>${i + 1}: part</Outline>\n`).join("");
  return `<Parallel>\n<Outlines>\n${items}</Outlines>`;
}

/** `say N` asks for a text of N tokens, which are characters here; `fork T N` for T threads of N tokens each. */
function model(prompt: string): string {
  const fork = /fork (\d+) (\d+)/.exec(prompt);
  if (fork === null) {
    const count = Number(/say (\d+)/.exec(prompt)?.[1] ?? 1);
    return Array.from({ length: count }, (_, i) => words[i % words.length] ?? "")
      .join("")
      .slice(0, count);
  }
  const [, threads = "1", length = "1"] = fork;
  if (!prompt.includes("</Outlines>")) return plan(Number(threads));
  return prompt.endsWith(":") ? `${"x".repeat(Number(length))}</Thread>` : "</Parallel>done";
}

const fake = await startFakeServer({ kind: "vllm", model, contextTokens: 100_000 });
let lastBody = "";

async function ask(path: string, method: string, body: string): Promise<Response> {
  const headers = { "content-type": "application/json" };
  return fetch(`${fake.baseURL}${path}`, { method, headers, ...(body !== "" && { body }) });
}

const replay = new Replay(async (body) => (await ask("/v1/completions", "POST", body)).text());

async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { url = "/", method = "GET" } = request;
  const body = await text(request);
  // What was asked last, so that a bare client can ask for the same.
  if (url === "/last") return void response.end(lastBody);
  if (url === "/v1/completions" && body.includes('"stream":true')) {
    lastBody = body;
    return replay.answer(request, response, body);
  }
  const answered = await ask(url, method, body);
  response.writeHead(answered.status, { "content-type": answered.headers.get("content-type") ?? "" });
  response.end(await answered.text());
}

const server = createServer((request, response) => void answer(request, response));
server.listen({ port: 0, host: "127.0.0.1", backlog: 4096 }, () => {
  const { port } = server.address() as AddressInfo;
  process.send?.({ url: `http://127.0.0.1:${port}` });
});
process.on("message", (pace: Pace) => {
  replay.setPace(pace);
  process.send?.("set");
});
// A bench that was broken off leaves no server.
process.on("disconnect", () => process.exit());
