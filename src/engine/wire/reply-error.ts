import { isRecord, readPath } from "./json-path.ts";
import { saidIn } from "./said.ts";

/** An error that a server wrote into an answer that had begun with HTTP 200. */
export interface ReplyError {
  message: string;
  /** The HTTP status that it could not send. */
  status: number;
}

/** Where servers put errors, besides the part itself: OpenRouter into the choice. */
const places = ["error", "errors", "choices.0.error"] as const;

/** Kinds of errors whose requests would fail again. */
const lasting = /invalid|not_found|authentication|permission|unsupported|context_length|unauthorized|forbidden/i;
const passing = /rate_?limit|too_?many|overloaded|capacity|throttl/i;

/** Finds an error in a part of an answer, whatever its shape. */
export function errorIn(part: Record<string, unknown>): ReplyError | undefined {
  for (const place of places) {
    const found = readPath(part, place);
    if (!isNothing(found)) return { message: messageOf(found), status: statusOf(found, part) };
  }
  if (!isError(part)) return undefined;
  return { message: messageOf(part), status: statusOf(part, part) };
}

function messageOf(found: unknown): string {
  return saidIn(found) ?? "an error without a message";
}

function isNothing(found: unknown): boolean {
  if (typeof found === "object" && found !== null) return Object.keys(found).length === 0;
  return found === undefined || found === null || found === false || found === "";
}

/** Whether a part without one of those fields is an error all the same. */
function isError(part: Record<string, unknown>): boolean {
  if (part["choices"] !== undefined) return false;
  const { object, type, success, status } = part;
  if (object === "error" || type === "error" || success === false || status === "error" || status === "failed")
    return true;
  // MiniMax: 0 means success.
  const code = readPath(part, "base_resp.status_code");
  if (typeof code === "number" && code !== 0) return true;
  if (part["detail"] !== undefined && part["detail"] !== null) return true;
  return codes.some((name) => isErrorCode(part[name])) && saidIn(part) !== undefined;
}

const codes = ["code", "status_code", "error_code"] as const;

/** Some servers name a success too. */
function isErrorCode(value: unknown): boolean {
  if (typeof value === "string" && Number.isNaN(Number(value))) return !/^(?:ok|success|loading|queued)?$/i.test(value);
  const code = Number(value ?? 0);
  return code !== 0 && (code < 200 || code >= 300);
}

/** A status that it names, or what its kind means. Errors inside answers usually pass. */
function statusOf(found: unknown, part: Record<string, unknown>): number {
  const all = [found, part]
    .filter(isRecord)
    .flatMap((one) => [
      one["code"],
      one["status"],
      one["status_code"],
      one["error_code"],
      one["type"],
      one["http_code"],
    ]);
  const named = all.map(Number).find((status) => Number.isInteger(status) && status >= 400 && status < 600);
  if (named !== undefined) return named;
  const kinds = all.filter((one) => typeof one === "string").join(" ");
  if (passing.test(kinds)) return 429;
  return lasting.test(kinds) ? 400 : 500;
}
