import type { AttemptsResult } from "../../run/attempts/result.ts";
import type { RunResult } from "../../run/result.ts";
import { counted } from "./describe.ts";

export function isOfAttempts(result: RunResult): result is AttemptsResult {
  return "attempts" in result && "votes" in result;
}

/** A result as JSON. Attempts stand there once. */
export function asJson(result: RunResult): string {
  if (!isOfAttempts(result)) return JSON.stringify(result);
  const { threads: _threads, ...once } = result;
  return JSON.stringify(once);
}

/** What attempts elected, a line an answer, and what their policy saved. */
export function voteLines({ votes, attempts, saved }: AttemptsResult): string[] {
  const lines = votes.map(({ answer, weight, attempts: indices }) => {
    const names = indices.map((index) => attempts[index]?.name ?? "").join(", ");
    const worth = weight === indices.length ? "" : `, weight ${weight.toFixed(3)}`;
    return `${answer}: ${counted(indices.length, "vote")} of ${attempts.length} (${names})${worth}`;
  });
  const cut = attempts.filter(({ ending }) => ending.kind === "cut").length;
  if (cut === 0) return lines;
  const estimate =
    saved.from === 0
      ? ""
      : `, which saved about ${counted(saved.tokens, "token")} (an estimate by the ${saved.from} that ended by themselves)`;
  return [...lines, `${counted(cut, "attempt")} cut${estimate}`];
}
