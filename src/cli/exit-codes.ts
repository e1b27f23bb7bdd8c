import type { ErrorCode } from "../errors.ts";

export const exitCodes = { ok: 0, failed: 1, usage: 2, interrupted: 130 } as const;

/** `usage`: nothing was run, and nothing will be before the command or what it names is changed. */
const byError: Readonly<Record<ErrorCode, number>> = {
  invalid_option: exitCodes.usage,
  invalid_dialect: exitCodes.usage,
  invalid_prompt: exitCodes.usage,
  missing_dependency: exitCodes.usage,
  file: exitCodes.usage,
  context_exceeded: exitCodes.failed,
  engine_unavailable: exitCodes.failed,
  engine_refused: exitCodes.failed,
  engine_failed: exitCodes.failed,
  internal: exitCodes.failed,
  timeout: exitCodes.failed,
  closed: exitCodes.failed,
  aborted: exitCodes.interrupted,
};

export function exitCodeOf(code: ErrorCode): number {
  return byError[code];
}
