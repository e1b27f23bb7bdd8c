import { APIConnectionError, APIError } from "openai";
import { ThreadweaverError } from "../errors.ts";
import type { ErrorCode } from "../errors.ts";

/**
 * What a failed request means to the caller, and what to do about it.
 *
 * @param address of the server, without anything secret in it.
 */
export function serverError(error: unknown, address: string): ThreadweaverError {
  if (ThreadweaverError.isInstance(error)) return error;
  if (error instanceof APIConnectionError || !(error instanceof APIError)) return unreachable(error, address);
  const status: unknown = error.status;
  const said = saidBy(error);
  if (status === 401 || status === 403) {
    return made(
      "engine_refused",
      `${address} wants another API key (HTTP ${status}): set apiKey. It said: ${said}`,
      error,
    );
  }
  if (typeof status === "number" && status < 500) {
    return made("engine_refused", `${address} refused the request (HTTP ${status}). It said: ${said}`, error);
  }
  return made("engine_failed", `${address} failed (HTTP ${String(status)}). It said: ${said}`, error);
}

function unreachable(error: unknown, address: string): ThreadweaverError {
  const reason = deepestMessage(error);
  return made(
    "engine_unavailable",
    `No answer from ${address}: ${reason}. Is the server running, and is baseURL its address?`,
    error,
  );
}

function made(code: ErrorCode, message: string, cause: unknown): ThreadweaverError {
  return new ThreadweaverError(code, message, { cause });
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
