import type { IncomingMessage, ServerResponse } from "node:http";
import { compactJson } from "./json.ts";
import type { Settings } from "./settings.ts";

export interface FakeRequest {
  method: string;
  /** The path without a query. */
  path: string;
  /** The body as it was sent. */
  text: string;
  /** The parsed body: undefined if it is not JSON, and `{}` if there is none. */
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

/**
 * Headers that every answer has, in the order and case of uvicorn. Node's own headers about the connection are left
 * out.
 */
function writeHead(
  response: ServerResponse,
  { family }: Settings,
  status: number,
  headers: Record<string, string | number>,
): void {
  response.removeHeader("connection");
  response.sendDate = false;
  const server = family === "llamacpp" ? "llama.cpp" : "uvicorn";
  const rest = family === "llamacpp" ? llamaHeaders(status) : { vary: "Origin" };
  const { "transfer-encoding": coding, ...own } = headers;
  response.writeHead(status, {
    date: new Date().toUTCString(),
    server,
    ...own,
    ...rest,
    ...(coding === undefined ? {} : { [family === "sglang" ? "Transfer-Encoding" : "transfer-encoding"]: coding }),
  });
}

/** llama.cpp closes the connection of whatever it refuses. */
function llamaHeaders(status: number): Record<string, string> {
  const connection = status >= 400 ? { connection: "close" } : { "keep-alive": "timeout=5, max=100" };
  return { "access-control-allow-origin": "", ...connection };
}

export function answerJson(
  response: ServerResponse,
  settings: Settings,
  status: number,
  body: unknown,
  headers: Record<string, string> = {},
): void {
  const type = settings.family === "llamacpp" ? "application/json; charset=utf-8" : "application/json";
  const text = compactJson(body);
  const length = Buffer.byteLength(text);
  writeHead(response, settings, status, { ...headers, "content-length": length, "content-type": type });
  response.end(text);
}

/** Answers without a body, as the servers do where there is nothing to say. */
export function answerEmpty(response: ServerResponse, settings: Settings): void {
  writeHead(response, settings, 200, { "content-length": 0 });
  response.end();
}

export function beginStream(response: ServerResponse, settings: Settings): void {
  const type = settings.family === "llamacpp" ? "text/event-stream" : "text/event-stream; charset=utf-8";
  const unbuffered: Record<string, string> = settings.family === "llamacpp" ? { "x-accel-buffering": "no" } : {};
  writeHead(response, settings, 200, { "content-type": type, ...unbuffered, "transfer-encoding": "chunked" });
  response.flushHeaders();
  // Small writes must not wait for one another.
  response.socket?.setNoDelay(true);
}
