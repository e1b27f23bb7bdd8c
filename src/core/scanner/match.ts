import { bounds, isOf, isSpace, type CaptureType, type Step } from "./pattern.ts";

/** The pattern does not match here. */
export const FAIL = -1;
/** The text so far fits; more text is needed to decide. */
export const PARTIAL = -2;

/**
 * Tries `steps` on `text` from `from`. Returns the end of the match, `FAIL`, or `PARTIAL`. With `final` no more text
 * will come, so nothing is partial. Captures are written into `captures`. Linear: every step moves forward or fails.
 */
export function matchAt(
  steps: readonly Step[],
  text: string,
  from: number,
  captures: Record<string, string>,
  final: boolean,
): number {
  let at = from;
  for (const step of steps) {
    const next = matchStep(step, text, at, captures, final);
    if (next < 0) return next;
    at = next;
  }
  return at;
}

function matchStep(step: Step, text: string, at: number, captures: Record<string, string>, final: boolean): number {
  switch (step.kind) {
    case "literal":
      return matchLiteral(step.text, text, at, final);
    case "same":
      return matchLiteral(captures[step.name] ?? "", text, at, final);
    case "space":
      return matchSpace(text, at, final);
    case "capture": {
      const end = matchCapture(step.type, text, at, final);
      if (end >= 0) captures[step.name] = text.slice(at, end);
      return end;
    }
  }
}

function matchLiteral(literal: string, text: string, at: number, final: boolean): number {
  if (text.startsWith(literal, at)) return at + literal.length;
  return !final && literal.startsWith(text.slice(at)) ? PARTIAL : FAIL;
}

function matchSpace(text: string, at: number, final: boolean): number {
  let end = at;
  const last = Math.min(text.length, at + bounds.space + 1);
  while (end < last && isSpace(text.charCodeAt(end))) end += 1;
  if (end - at > bounds.space) return FAIL;
  return end === text.length && !final ? PARTIAL : end;
}

function matchCapture(type: CaptureType, text: string, at: number, final: boolean): number {
  let end = at;
  const last = Math.min(text.length, at + bounds.capture + 1);
  while (end < last && isOf(type, text.charCodeAt(end)) && dotsFit(type, text, at, end)) end += 1;
  if (end - at > bounds.capture) return FAIL;
  if (end === text.length && !final) return PARTIAL;
  // A dot belongs to a dotted number only if a digit follows it.
  if (type === "dotted" && end > at && text.charCodeAt(end - 1) === 46) end -= 1;
  return end === at ? FAIL : end;
}

/** A dot needs a digit before it: `1..2` and `.1` are not dotted numbers. */
function dotsFit(type: CaptureType, text: string, from: number, at: number): boolean {
  return type !== "dotted" || text.charCodeAt(at) !== 46 || (at > from && text.charCodeAt(at - 1) !== 46);
}
