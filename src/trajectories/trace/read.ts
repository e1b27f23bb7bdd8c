import type { Dialect } from "../../core/dialects/schema.ts";
import type { ExtractionRule } from "../../grade/extract/extract.ts";
import { checked, refused, type Checked, type Fault } from "../fault.ts";
import { foreignTag, targetTag } from "../layout/tags.ts";
import { answerOf } from "./answer.ts";
import type { SourceTrace } from "./trace.ts";

/**
 * Why a trace cannot be rewritten. `empty`: no reasoning. `unfinished`: thinking begins and does not end. `format-tags`:
 * tags of the target format stand in it. `other-layout`: tags of another format do. `no-answer`: the grader finds none.
 */
export type TraceCode = "empty" | "unfinished" | "format-tags" | "other-layout" | "no-answer";

export interface ReadTraceOptions {
  /** The target format. */
  readonly dialect: Dialect;
  /** How the answer is found. @defaultValue `auto`, but a text without a box or an announcement has no answer */
  readonly answer?: ExtractionRule | undefined;
}

const begin = "<think>";
const end = "</think>";

/**
 * Reads a finished sequential text. Where it begins with `<think>`, the reasoning is what stands up to the last `</think>`, and
 * all around it is kept as it is.
 */
export function readTrace(text: string, options: ReadTraceOptions): Checked<SourceTrace, TraceCode> {
  const place = reasoningIn(text);
  if (place === undefined) {
    const message = `The trace begins with ${begin}, and no ${end} follows: it was cut.`;
    return refused({ code: "unfinished", message });
  }
  const reasoning = text.slice(place.from, place.to);
  if (reasoning.trim() === "") return refused({ code: "empty", message: "The trace has no reasoning." });
  const faults: Fault<TraceCode>[] = [...tagFaults(text, place, options.dialect)];
  const answer = answerIn(text, options.answer);
  if (typeof answer !== "string") faults.push(answer);
  return checked(
    { text, ...place, lines: reasoning.split("\n"), answer: typeof answer === "string" ? answer : "" },
    faults,
  );
}

function reasoningIn(text: string): { from: number; to: number } | undefined {
  const close = text.lastIndexOf(end);
  const opens = text.trimStart().startsWith(begin);
  if (close < 0) return opens ? undefined : { from: 0, to: text.length };
  const after = opens ? text.indexOf(begin) + begin.length : 0;
  const from = opens && text[after] === "\n" ? after + 1 : after;
  const to = close > from && text[close - 1] === "\n" ? close - 1 : close;
  return { from, to: Math.max(from, to) };
}

/** The end of thinking is a tag of most formats, and may stand once: around the reasoning. */
function* tagFaults(
  text: string,
  { from, to }: { from: number; to: number },
  dialect: Dialect,
): Generator<Fault<TraceCode>> {
  const parts = [
    { text: text.slice(0, from).replace(begin, ""), start: 0 },
    { text: text.slice(from, to), start: from },
    { text: text.slice(to).replace(end, " ".repeat(end.length)), start: to },
  ];
  for (const part of parts) {
    const own = targetTag(dialect, part.text);
    const found = own ?? foreignTag(dialect, part.text);
    if (found === undefined) continue;
    const at = part.start + found.at;
    const line = text.slice(0, at).split("\n").length;
    const what = own === undefined ? "another format, so it is not sequential" : `the target format ${dialect.name}`;
    const message = `Line ${line} of the text has ${found.marker}, a tag of ${what}. Take sequential traces without it.`;
    yield { code: own === undefined ? "other-layout" : "format-tags", message, at };
    return;
  }
}

function answerIn(text: string, rule: ExtractionRule | undefined): string | Fault<TraceCode> {
  const found = answerOf(text, rule);
  if ("answer" in found) return found.answer;
  const message = `The trace has no answer: ${found.why}. Say how answers are found (answer), or leave the trace out.`;
  return { code: "no-answer", message };
}
