import { ThreadweaverError } from "../../errors.ts";

/**
 * Whether a server refused this one request. A wrong key does not count, and neither does a redirect: every request would
 * be refused.
 */
export function isRefusal(error: unknown): error is ThreadweaverError {
  if (!ThreadweaverError.isInstance(error) || error.code !== "engine_refused") return false;
  const { status = 0 } = error;
  return status !== 401 && status !== 403 && !(status >= 300 && status < 400);
}
