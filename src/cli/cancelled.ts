import { ThreadweaverError } from "../errors.ts";
import type { RunResult } from "../run/result.ts";

/** The result, as far as it got, of a run that was cancelled; throws every other error again. */
export function whatThereIs(error: unknown): RunResult {
  if (ThreadweaverError.isInstance(error) && error.code === "aborted" && isResult(error.partial)) return error.partial;
  throw error;
}

function isResult(partial: unknown): partial is RunResult {
  return typeof partial === "object" && partial !== null && "text" in partial && "tree" in partial;
}
