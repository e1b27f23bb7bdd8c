import { ThreadweaverError } from "../errors.ts";
import type { RunResult } from "./result.ts";

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** The error of a run that broke: its own code where it has one, what was made, and the original as its cause. */
export function errorWith(error: unknown, partial: RunResult | undefined): ThreadweaverError {
  const code = ThreadweaverError.isInstance(error) ? error.code : "internal";
  return new ThreadweaverError(code, messageOf(error), { cause: error, partial });
}
