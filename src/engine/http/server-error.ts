import { APIConnectionError, APIError } from "openai";
import { ThreadweaverError } from "../../errors.ts";
import type { ErrorCode } from "../../errors.ts";

/**
 * What a failed request means to the caller, and what to do about it.
 *
 * @param address of the server, without anything secret in it.
 * @param secrets taken out of what the server said; then the original error, which holds them, is no cause either.
 */
export function serverError(error: unknown, address: string, secrets: readonly string[] = []): ThreadweaverError {
  if (ThreadweaverError.isInstance(error)) return error;
  const [code, message] = explain(error, address);
  const safe = secrets.reduce((text, secret) => text.replaceAll(secret, "***"), message);
  return new ThreadweaverError(code, safe, safe === message ? { cause: error } : {});
}

export function isBusy(status: number): boolean {
  return status === 429 || status === 503;
}

/** Servers whose queue is full say so by a status or, where an answer had begun, inside it. */
export function busyError(address: string, status: number, said: string): ThreadweaverError {
  return new ThreadweaverError("engine_failed", `${address} is busy (HTTP ${status}). It said: ${said}`);
}

function explain(error: unknown, address: string): [ErrorCode, string] {
  if (error instanceof APIConnectionError || !(error instanceof APIError)) {
    const hint = /certificate/i.test(deepestMessage(error))
      ? "Give the authority that vouches for it: dispatcher: new Agent({ connect: { ca } }) of undici, or NODE_EXTRA_CA_CERTS."
      : "Is the server running, and is baseURL its address?";
    return ["engine_unavailable", `No answer from ${address}: ${deepestMessage(error)}. ${hint}`];
  }
  const status: unknown = error.status;
  const said = `It said: ${saidBy(error)}`;
  if (status === 401 || status === 403) {
    const host = URL.parse(address)?.host ?? address;
    return [
      "engine_refused",
      `${host} answered ${status}: set THREADWEAVER_API_KEY or --api-key (in code: apiKey). ${said}`,
    ];
  }
  if (typeof status === "number" && isBusy(status))
    return ["engine_failed", busyError(address, status, saidBy(error)).message];
  if (typeof status === "number" && status < 500) {
    return ["engine_refused", `${address} refused the request (HTTP ${status}). ${said}`];
  }
  return ["engine_failed", `${address} failed (HTTP ${String(status)}). ${said}`];
}

/** Servers have three shapes for it: `{"error":{"message"}}`, `{"error":"…"}` and `{"detail":"…"}`. */
function saidBy({ error, message }: APIError): string {
  const body: unknown = error;
  if (typeof body === "string") return body;
  if (typeof body === "object" && body !== null) {
    for (const key of ["message", "detail", "error"]) {
      const value: unknown = Object.getOwnPropertyDescriptor(body, key)?.value;
      if (typeof value === "string") return value;
    }
  }
  return message;
}

/** `fetch failed` hides what happened in its cause. */
function deepestMessage(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? deepestMessage(error.cause) : error.message;
}
