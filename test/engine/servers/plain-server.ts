import { createServer } from "node:http";
import type { IncomingHttpHeaders } from "node:http";
import type { AddressInfo } from "node:net";
import { onTestFinished } from "vitest";
import { createEngine } from "../../../src/engine/openai.ts";
import type { CreateEngineOptions } from "../../../src/engine/openai.ts";
import type { ServerEngine } from "../../../src/engine/server-engine.ts";

export interface PlainRequest {
  method: string;
  path: string;
  headers: IncomingHttpHeaders;
  body: Record<string, unknown>;
}

export interface PlainAnswer {
  status?: number;
  headers?: Record<string, string>;
  /** Each is one write. JSON where it is an object. */
  body?: string | readonly string[] | object;
  /** Whether the connection is cut after it, in the middle of the answer. */
  cut?: boolean;
  /** Whether more of it would follow, which never comes. */
  open?: boolean;
}

export interface PlainServer {
  address: string;
  requests: PlainRequest[];
  connections: () => number;
  /** Answers whose client left before their end. */
  hungUp: () => number;
}

export type PlainAnswers = (request: PlainRequest) => PlainAnswer | undefined;

/** A server on a real socket that writes what it is told to. What `answers` leaves out is 404. */
export async function plainServer(answers: PlainAnswers): Promise<PlainServer> {
  const requests: PlainRequest[] = [];
  let connections = 0;
  let hungUp = 0;
  const server = createServer((incoming, response) => {
    const chunks: Uint8Array[] = [];
    incoming.on("data", (chunk: Uint8Array) => chunks.push(chunk));
    incoming.on("end", () => {
      const text = Buffer.concat(chunks).toString();
      const body = (text === "" ? {} : JSON.parse(text)) as Record<string, unknown>;
      const request = { method: incoming.method ?? "", path: incoming.url ?? "", headers: incoming.headers, body };
      requests.push(request);
      const { status = 200, headers = {}, body: said = "", cut = false, open = false } = answers(request) ?? notFound;
      const isJson = typeof said === "object" && !Array.isArray(said);
      const type = isJson ? "application/json" : "text/event-stream";
      response.writeHead(status, { "content-type": type, ...headers });
      const parts = isJson ? [JSON.stringify(said)] : [said as string | string[]].flat();
      for (const part of parts) response.write(part);
      response.on("close", () => (hungUp += response.writableEnded ? 0 : 1));
      if (cut) response.socket?.destroySoon();
      else if (!open) response.end();
    });
  });
  server.on("connection", () => (connections += 1));
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return { address, requests, connections: () => connections, hungUp: () => hungUp };
}

const notFound: PlainAnswer = { status: 404, body: { detail: "Not Found" } };

/** Whether a request is a call of a run: those for one token find out about the server. */
function isCall({ body }: PlainRequest): boolean {
  return body["stream"] === true && (body["max_tokens"] ?? body["max_completion_tokens"]) !== 1;
}

/** A server with chats only. `stream` says what is written for a call. */
export function chats(stream: (request: PlainRequest) => PlainAnswer): PlainAnswers {
  return (request) => {
    if (request.path === "/v1/models") return { body: { data: [{ id: "m" }] } };
    if (request.path !== "/v1/chat/completions") return undefined;
    if (isCall(request)) return stream(request);
    return { body: { choices: [{ message: { role: "assistant", content: "x" }, finish_reason: "stop" }] } };
  };
}

/** A server with completions of text only. `stream` says what is written for a call. */
export function texts(stream: (request: PlainRequest) => PlainAnswer): PlainAnswers {
  return ({ path, body, ...rest }) => {
    if (path === "/v1/models") return { body: { data: [{ id: "m" }] } };
    if (path !== "/v1/completions") return undefined;
    if (typeof body["prompt"] !== "string") return { status: 400, body: { error: { message: "prompt: a string" } } };
    if (isCall({ path, body, ...rest })) return stream({ path, body, ...rest });
    return { body: { choices: [{ text: "x", finish_reason: "length" }] } };
  };
}

/** Lines of a stream: each value an event. */
export function events(...values: readonly (object | string)[]): string {
  return values.map((value) => `data: ${typeof value === "string" ? value : JSON.stringify(value)}\n\n`).join("");
}

/** A part of a streamed chat. */
export function delta(content: unknown, finish: unknown = null): object {
  return { choices: [{ index: 0, delta: { content }, finish_reason: finish }] };
}

/** A part of a streamed completion. */
export function part(text: string, finish: unknown = null): object {
  return { choices: [{ index: 0, text, finish_reason: finish }] };
}

/** An engine on such a server; both are closed after the test. */
export async function engineOn(
  answers: PlainAnswers,
  options: Partial<CreateEngineOptions> = {},
): Promise<{ engine: ServerEngine; server: PlainServer }> {
  const server = await plainServer(answers);
  const engine = await createEngine({ baseURL: `${server.address}/v1`, contextTokens: 1000, ...options });
  onTestFinished(() => engine.close());
  return { engine, server };
}
