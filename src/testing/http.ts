import type { IncomingMessage, ServerResponse } from "node:http";
import { compactJson } from "./json.ts";
import type { Settings } from "./settings.ts";

export interface FakeRequest {
  method: string;
  /** Without a query. */
  path: string;
  /** As sent. */
  text: string;
  /** Undefined where it is no JSON, and `{}` where there is none. */
  body: unknown;
}

export async function readRequest(request: IncomingMessage): Promise<FakeRequest> {
  const parts: Uint8Array[] = [];
  for await (const part of request) if (part instanceof Uint8Array) parts.push(part);
  const text = Buffer.concat(parts).toString();
  const { method = "", url = "" } = request;
  return { method, path: url.split("?")[0] ?? "", text, body: parse(text) };
}

function parse(text: string): unknown {
  if (text === "") return {};
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Headers that every answer has; Node's own about the connection are left out, as uvicorn leaves them out. */
export function dressUp(response: ServerResponse, { family }: Settings): void {
  response.removeHeader("connection");
  response.removeHeader("keep-alive");
  response.setHeader("server", family === "llamacpp" ? "llama.cpp" : "uvicorn");
  if (family !== "llamacpp") response.setHeader("vary", "Origin");
}

export function answerJson(response: ServerResponse, { family }: Settings, status: number, body: unknown): void {
  const type = family === "llamacpp" ? "application/json; charset=utf-8" : "application/json";
  const text = compactJson(body);
  response.writeHead(status, { "content-type": type, "content-length": Buffer.byteLength(text) }).end(text);
}

/** As the servers answer where there is nothing to say. */
export function answerEmpty(response: ServerResponse): void {
  response.writeHead(200, { "content-length": 0 }).end();
}
