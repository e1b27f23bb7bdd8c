import { ThreadweaverError } from "../errors.ts";
import type { CompletionRequest } from "./engine.ts";

/** Refuses requests that no engine can run. @throws `invalid_prompt` or `invalid_option`. */
export function checkRequest({ prompt, held, maxTokens, coalesce = 1, logprobs = false }: CompletionRequest): void {
  if (prompt.length === 0) throw new ThreadweaverError("invalid_prompt", "The prompt has no tokens.");
  const ids = held?.ids ?? [];
  const start = prompt.length - ids.length;
  if (ids.some((id, at) => id !== prompt[start + at])) {
    throw new ThreadweaverError("invalid_prompt", "The held tokens are not the last tokens of the prompt.");
  }
  if (!(maxTokens >= 1)) throw invalid(`maxTokens is ${maxTokens}; it is at least 1.`);
  if (!(coalesce >= 1)) throw invalid(`coalesce is ${coalesce}; it is at least 1.`);
  if (typeof logprobs === "boolean" || (Number.isInteger(logprobs.top) && logprobs.top >= 1)) return;
  throw invalid(`logprobs.top is ${logprobs.top}; it is a whole number from 1 on.`);
}

function invalid(message: string): ThreadweaverError {
  return new ThreadweaverError("invalid_option", message);
}
