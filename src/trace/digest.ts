import { createHash } from "node:crypto";
import type { RunEnd } from "../run/recorder.ts";
import type { RunSummary } from "../run/result.ts";
import type { TraceEnd } from "./format.ts";

type RecordedResult = NonNullable<TraceEnd["result"]>;

/** The last line of a trace. */
export function endOf({ result, error }: RunEnd): TraceEnd {
  return {
    t: "end",
    error: error && { code: error.code, message: error.message },
    result: result && recordedResult(result),
  };
}

function recordedResult(result: RunSummary): RecordedResult {
  const { wallMs, ending, finishReason, tokens, warnings } = result;
  // The one warning that follows from no input, and that a record can have: its own recorder did not fail.
  const said = warnings.flatMap((warning, n) => (warning.code === "listener-failed" ? [{ n, ...warning }] : []));
  return { wallMs, ending: { ...ending }, finishReason, tokens: { ...tokens }, said, sha256: digestsOf(result) };
}

function digestsOf(result: RunSummary): NonNullable<RecordedResult["sha256"]> {
  return { result: sha256(JSON.stringify(result)), text: sha256(result.text) };
}

function sha256(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}

/**
 * In what a result differs from the recorded one, in words; nothing where both are the same to the last byte. Two
 * results are compared by their digests, so what a trace does not hold in plain words is said to differ, but not how.
 */
export function differencesOf(recorded: RecordedResult, result: RunSummary): string[] {
  const digests = digestsOf(result);
  if (recorded.sha256?.result === digests.result) return [];
  const differences: string[] = [];
  const { ending, finishReason, tokens } = recorded;
  if (recorded.sha256?.text !== digests.text) differences.push("its text is another one");
  compare("ending", ending, result.ending);
  compare("finishReason", finishReason, result.finishReason);
  const counts: Record<string, unknown> = { ...result.tokens };
  for (const [name, count] of Object.entries(tokens)) compare(`tokens.${name}`, count, counts[name]);
  return differences.length > 0 ? differences : ["something besides its text, its ending and its counts"];

  function compare(name: string, before: unknown, now: unknown): void {
    const [was, is] = [JSON.stringify(before), JSON.stringify(now)];
    if (was !== is) differences.push(`${name} is ${is}, and was ${was}`);
  }
}
