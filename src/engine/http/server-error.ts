import { APIConnectionError, APIError } from "openai";
import { ThreadweaverError } from "../../errors.ts";
import type { ErrorCode, ErrorFacts } from "../../errors.ts";
import { deepestMessage, isLasting } from "./network-error.ts";
import { readable, saidIn } from "../wire/said.ts";
import { masked } from "./secrets.ts";

/** Statuses that do not reject the request itself, so it may be sent again. */
const passing = new Set([408, 409, 425, 429]);

/**
 * What SGLang says of a name that a running call has. Names of calls are ours: one that was sent twice, because its
 * connection was lost, may still run under it, and the next attempt has another name.
 */
const nameTaken = /duplicate request id/i;

/**
 * Turns the error of a failed request into one that says what happened and what to do.
 *
 * @param address the server's address, without anything secret in it.
 * @param secrets values to remove from what the server says; our own words stay as they are. An error that holds one is
 * not the cause.
 */
export function serverError(error: unknown, address: string, secrets: readonly string[] = []): ThreadweaverError {
  if (ThreadweaverError.isInstance(error)) return error;
  const [code, message] = explain(error, address, (said) => masked(said, secrets));
  return new ThreadweaverError(code, message, { ...factsOf(error), ...(isClean(error, secrets) && { cause: error }) });
}

/** Whether an error holds none of the secrets, so that it may be the cause of another one. */
function isClean(error: unknown, secrets: readonly string[]): boolean {
  const body: unknown = error instanceof APIError ? error.error : undefined;
  const all = `${deepestMessage(error)} ${String(error)} ${JSON.stringify(body) ?? ""}`;
  return secrets.every((secret) => !all.includes(secret));
}

/** Whether a request that got this HTTP status may succeed later. */
export function isRetryable(status: number): boolean {
  return passing.has(status) || status >= 500;
}

/**
 * The error of a server whose queue is full. Servers report it as a status or, where an answer had begun, inside it.
 */
export function busyError(address: string, status: number, said: string): ThreadweaverError {
  const message = `${address} is busy (HTTP ${status}). It said: ${said}`;
  return new ThreadweaverError("engine_failed", message, { status, retryable: true });
}

export function isBusy(status: number): boolean {
  return status === 429 || status === 503;
}

function factsOf(error: unknown): ErrorFacts {
  if (!(error instanceof APIError) || error instanceof APIConnectionError) return { retryable: !isLasting(error) };
  const { status, headers } = error as { status: unknown; headers: unknown };
  if (typeof status !== "number") return { retryable: true };
  const known = headers instanceof Headers ? headers : new Headers();
  return {
    status,
    retryable: isRetryable(status) || nameTaken.test(saidBy(error)),
    retryAfterMs: retryAfter(known.get("retry-after")),
    requestId: known.get("x-request-id") ?? undefined,
  };
}

/** Turns a `Retry-After` header, which is in seconds or a date, into milliseconds. */
function retryAfter(value: string | null): number | undefined {
  if (value === null) return undefined;
  const ms = /^\s*\d+(\.\d+)?\s*$/.test(value) ? Number(value) * 1000 : Date.parse(value) - Date.now();
  return Number.isNaN(ms) ? undefined : Math.max(0, Math.round(ms));
}

function explain(error: unknown, address: string, mask: (said: string) => string): [ErrorCode, string] {
  if (error instanceof APIConnectionError || !(error instanceof APIError)) {
    if (deepestMessage(error) === "bad port") return ["engine_unavailable", badPort(address)];
    const hint = /certificate/i.test(deepestMessage(error))
      ? "Give the authority that vouches for it: dispatcher: new Agent({ connect: { ca } }) of undici, or NODE_EXTRA_CA_CERTS."
      : "Is the server running, and is baseURL its address?";
    return ["engine_unavailable", `No answer from ${address}: ${mask(deepestMessage(error))}. ${hint}`];
  }
  const status: unknown = error.status;
  const said = `It said: ${mask(saidBy(error))}`;
  if (typeof status === "number" && status >= 300 && status < 400) {
    const to = redirectedTo(error, address);
    const why = "A request with a body and a key does not follow a redirect";
    return ["engine_refused", `${address} redirects to ${to} (HTTP ${status}). ${why}: give that address as baseURL.`];
  }
  if (status === 401 || status === 403) {
    const host = URL.parse(address)?.host ?? address;
    return ["engine_refused", `${host} answered ${status}: it needs a valid apiKey. ${said}`];
  }
  if (typeof status === "number" && isBusy(status))
    return ["engine_failed", busyError(address, status, mask(saidBy(error))).message];
  if (typeof status === "number" && status < 500) {
    return ["engine_refused", `${address} refused the request (HTTP ${status}). ${said}`];
  }
  return ["engine_failed", `${address} failed (HTTP ${String(status)}). ${said}`];
}

/** The server's own message, whatever shape its error has. The client puts the status in front of a text. */
function saidBy({ error, message, status }: APIError): string {
  return saidIn(error) ?? readable(message.replace(`${String(status)} `, ""));
}

/** Browsers block some ports, and so does `fetch`. */
function badPort(address: string): string {
  const port = URL.parse(address)?.port ?? "";
  return `fetch refuses the port ${port} of ${address}, which is one that browsers block: start the server on another one, such as 8000.`;
}

/** Where a server wants requests to go, as a `baseURL`: without the path that was requested. */
function redirectedTo(error: APIError, address: string): string {
  const { headers } = error as { headers: unknown };
  const location = headers instanceof Headers ? headers.get("location") : null;
  const url = location === null ? null : URL.parse(location, address);
  if (url === null) return "another address, which it does not name";
  return `${url.origin}${url.pathname.replace(requested, "")}`;
}

/** The paths that are requested here. */
const requested =
  /\/+(?:models|completions?|chat\/completions|tokenize|detokenize|generate|version|server_info|props|apply-template)?\/*$/;
