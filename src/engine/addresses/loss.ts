import { ThreadweaverError } from "../../errors.ts";

/** What vLLM and SGLang say when their queue is full. Such a server is well, and has the session's cache. */
const fullQueue = /currently busy|queue is full|too many requests|overloaded/i;

/**
 * Whether an error means that its address is lost: nothing answers there, an answer broke off, the server was silent or
 * failed. A server that is busy is not lost, and neither is one that refuses a request.
 */
export function isLoss(error: unknown): error is ThreadweaverError {
  if (!ThreadweaverError.isInstance(error)) return false;
  const { code, status, message } = error;
  if (code === "engine_unavailable" || code === "timeout") return true;
  if (code !== "engine_failed" || fullQueue.test(message)) return false;
  return status === undefined || status >= 500;
}
