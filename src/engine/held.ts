import type { Answer } from "./answer.ts";
import type { CallOutput } from "./call-events.ts";
import type { CompletionRequest } from "./engine.ts";

/** Whether an earlier attempt had come to its end, and what it held back only had to be decoded. */
export function endsInHeld({ held, stop }: Pick<CompletionRequest, "held" | "stop">, eos: readonly number[]): boolean {
  const last = held?.ids?.at(-1);
  return last !== undefined && (stop.ids.includes(last) || eos.includes(last));
}

/** Tells the reader what is known of an answer that broke off, if anything is. */
export function emitBroken(answer: Answer, output: CallOutput): void {
  const { cachedTokens, completionTokens, weightVersion } = answer.facts;
  const held = answer.held();
  const known = { held, cachedTokens, completionTokens, weightVersion };
  if (Object.values(known).some((value) => value !== undefined)) output.emit({ type: "broken", ...known });
}
