import { ThreadweaverError } from "../../errors.ts";

/** Whether a server refused this one request. A wrong key does not count: every request would be refused. */
export function isRefusal(error: unknown): error is ThreadweaverError {
  if (!ThreadweaverError.isInstance(error) || error.code !== "engine_refused") return false;
  return error.status !== 401 && error.status !== 403;
}
