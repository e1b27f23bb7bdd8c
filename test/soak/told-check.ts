import type { RunEvent } from "../../src/run/events.ts";
import type { RunResult } from "../../src/run/result.ts";
import { textsOf } from "../run/texts.ts";

/** What a run told those who listened. */
export interface Told {
  /** All events from some moment on. Undefined: nobody listened to the end. */
  events: readonly RunEvent[] | undefined;
  /** The chunks of its text. Undefined: nobody read them. */
  chunks: readonly string[] | undefined;
}

/** What was told is what the result says, of main and of each thread. */
export function checkTold({ events, chunks }: Told, result: RunResult | undefined): string[] {
  const problems: string[] = [];
  const text = result?.text ?? "";
  if (chunks !== undefined && chunks.join("") !== text) {
    problems.push(
      `the text stream gave ${JSON.stringify(chunks.join(""))}, and the result has ${JSON.stringify(text)}`,
    );
  }
  if (events === undefined || events.length === 0) return problems;
  const texts = textsOf(events);
  const all = [{ threadId: "0", text }, ...(result?.threads ?? [])];
  for (const { threadId, text: own } of all) {
    const told = texts.get(threadId) ?? "";
    if (told === own) continue;
    problems.push(`events told ${JSON.stringify(told)} of ${threadId}, and the result has ${JSON.stringify(own)}`);
  }
  return problems;
}
