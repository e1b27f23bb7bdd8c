import { ThreadweaverError } from "../../errors.ts";

/** Whether a server refused what it was asked, rather than everything: a wrong key is no such refusal. */
export function isRefusal(error: unknown): error is ThreadweaverError {
  if (!ThreadweaverError.isInstance(error) || error.code !== "engine_refused") return false;
  return error.status !== 401 && error.status !== 403;
}
