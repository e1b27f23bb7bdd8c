import { ThreadweaverError } from "../../errors.ts";
import { busyError, isBusy, isRetryable } from "../http/server-error.ts";
import type { EngineProfile } from "../profile.ts";
import { meaningOf } from "./finish-reasons.ts";
import type { CompletionChunk, ReplyPart } from "./reply.ts";

/**
 * The error that a server reported inside an answer that had begun with HTTP 200, with the status that it could not
 * send.
 */
export function replyError(address: string, { message, status }: NonNullable<ReplyPart["error"]>): ThreadweaverError {
  if (isBusy(status)) return busyError(address, status, message);
  return !isRetryable(status)
    ? new ThreadweaverError("engine_refused", `${address} refused the request. It said: ${message}`, { status })
    : new ThreadweaverError("engine_failed", `${address} broke off in the middle of an answer: ${message}`, {
        status,
        retryable: true,
      });
}

/** The error for text without token ids from a server whose profile promised them. */
export function idlessError(address: string): ThreadweaverError {
  return new ThreadweaverError(
    "engine_refused",
    `${address} returns no token ids, although its profile promises them: use a server that knows return_token_ids (vLLM, SGLang from 0.5.17), or let createEngine detect it.`,
  );
}

/** The error for a token that the model cannot have generated. @param size number of ids. Undefined: unknown. */
export function strangeIdError(address: string, id: number, size: number | undefined): ThreadweaverError {
  const range = size === undefined ? "from 0 on" : `from 0 to ${size - 1}`;
  return new ThreadweaverError(
    "engine_failed",
    `${address} sent the token id ${id}; ids of this model are whole numbers ${range}. The tokens before it are kept. Does its tokenizer belong to its model?`,
  );
}

/**
 * Returns how a call ended. Only the server's own word counts: a connection that simply ends was dropped, and an
 * `abort` that was not requested is a failure. A word that is not known ends a call, because its tokens were paid for: as
 * `length` does where all the tokens came that were asked for, else as `stop`.
 *
 * @param tokens how many came, if that is known, how many the caller wanted, and how many the context had room for.
 * @throws `engine_failed` for an answer that broke off.
 */
export function endingOf(
  address: string,
  { answer }: EngineProfile,
  facts: Pick<CompletionChunk, "finish" | "finishMessage"> & { said?: string | undefined },
  { counted, maxTokens, room }: { counted: number | undefined; maxTokens: number; room: number },
): "stop" | "length" | "context" | "filtered" {
  const { finish } = facts;
  const meaning = finish === undefined ? "failed" : meaningOf(finish, answer);
  if (meaning === "filtered") return meaning;
  const isUsedUp = counted !== undefined && counted >= Math.min(maxTokens, room);
  if (meaning === "stop" || (meaning === "unknown" && !isUsedUp)) return "stop";
  // Fewer tokens than the caller wanted: the context is full.
  if (meaning !== "failed" && meaning !== "pending") return (counted ?? room) < maxTokens ? "context" : "length";
  throw new ThreadweaverError("engine_failed", `${address} broke off: ${howItBroke(facts)}`, { retryable: true });
}

function howItBroke({
  finish,
  finishMessage,
  said,
}: Pick<CompletionChunk, "finish" | "finishMessage"> & { said?: string | undefined }): string {
  const saying = said === undefined ? "" : ` It said: ${said}`;
  if (finish === undefined) return `the answer ended without a finish reason.${saying}`;
  if (finishMessage !== undefined) return `it ended the answer with "${finish}": ${finishMessage}`;
  if (finish === "abort") return 'it ended the answer with "abort", which was not requested; is it shutting down?';
  return `it ended the answer with "${finish}".${saying}`;
}
