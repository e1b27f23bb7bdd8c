import type { WaitedFor } from "../../errors.ts";
import { ConnectionFailure } from "./connection-failure.ts";

/** Codes of Node and undici for what took too long. */
const timeouts: Readonly<Record<string, WaitedFor>> = {
  UND_ERR_CONNECT_TIMEOUT: "connection",
  ETIMEDOUT: "connection",
  UND_ERR_HEADERS_TIMEOUT: "first-token",
  UND_ERR_BODY_TIMEOUT: "next-token",
};

/**
 * Codes of certificates that are not trusted, of a server that does not speak TLS or wants another certificate, and of
 * requests that cannot be sent.
 */
const lasting =
  /^(?:CERT_|UNABLE_TO_|SELF_SIGNED_|DEPTH_ZERO_|HOSTNAME_MISMATCH|ERR_TLS_CERT|ERR_SSL_|EPROTO|ERR_INVALID_|UND_ERR_INVALID_)/;

/** What undici says of a proxy that refuses: a wrong key, or an address that it does not let through. */
const proxyRefuses = /Proxy response \(4\d\d\)/;

/** Names of undici's errors for what is no HTTP, and for a body of another length than its headers say. */
const noHttp: ReadonlySet<string> = new Set(["HTTPParserError", "ResponseContentLengthMismatchError"]);

/** An error and everything behind it: causes, and the attempts at each address of a name. */
function* chainOf(error: unknown, depth = 0): Generator<Error> {
  if (!(error instanceof Error) || depth > 8) return;
  if (error instanceof ConnectionFailure) return yield* chainOf(error.error, depth + 1);
  yield error;
  const more = error instanceof AggregateError ? (error.errors as unknown[]) : [];
  for (const inner of [error.cause, ...more]) yield* chainOf(inner, depth + 1);
}

function codesOf(error: unknown): string[] {
  const codes = [...chainOf(error)].map((one): unknown => Object.getOwnPropertyDescriptor(one, "code")?.value);
  return codes.filter((code): code is string => typeof code === "string");
}

/** What a connection was waited for when it timed out. Undefined: it was something else. */
export function timedOut(error: unknown): WaitedFor | undefined {
  return codesOf(error).flatMap((code) => timeouts[code] ?? [])[0];
}

/** Whether the same request would fail in the same way for ever. */
export function isLasting(error: unknown): boolean {
  const message = deepestMessage(error);
  return codesOf(error).some((code) => lasting.test(code)) || proxyRefuses.test(message) || message === "bad port";
}

/** Whether what came on a connection was no HTTP. */
export function isNoHttp(error: unknown): boolean {
  return [...chainOf(error)].some(({ name }) => noHttp.has(name));
}

/** What went wrong in the end: `fetch failed` hides the reason in its cause. */
export function deepestMessage(error: unknown): string {
  const chain = [...chainOf(error)];
  // The attempts at several addresses have messages of their own; the last one stands for them.
  return chain.findLast(({ message }) => message !== "")?.message ?? String(error);
}
