import type { ByteTokenizer } from "../../src/testing/index.ts";
import type { BookedRequest } from "./ledger.ts";
import { TokenEvent } from "./token-event.ts";

/** What a client has read of an answer, by what server-sent events and JSON mean, and up to what is no answer. */
export interface AnswerRead {
  ids: number[];
  text: string;
  /** Whether it came to something that is no proper part of an answer. */
  isBroken: boolean;
}

/** Reads an answer independently of the library: it shares no code with its reader. */
export function readAnswer({ read, path }: BookedRequest, tokenizer: ByteTokenizer): AnswerRead {
  const whole = Buffer.concat(read).toString();
  // An answer may be cut off after the data of an event and before its empty line. Cut off data are no event.
  const [last = "", ...others] = whole.split("\n\n").toReversed();
  const events = parse(dataOf(last)) === "broken" ? others.toReversed() : [...others.toReversed(), last];
  const cumulative = path === "/generate";
  const answer: AnswerRead = { ids: [], text: "", isBroken: false };
  for (const event of events) {
    const data = dataOf(event);
    if (data === "" || data === "[DONE]") continue;
    const part = parse(data);
    if (part === "broken") {
      answer.isBroken = true;
      break;
    }
    if (part === undefined) continue;
    const { ids, text } = part;
    if (!Array.isArray(ids) || !ids.every((id) => Number.isInteger(id))) {
      answer.isBroken = true;
      break;
    }
    const { stopId } = part;
    const fresh = (cumulative ? ids.slice(answer.ids.length) : ids) as number[];
    const freshText = cumulative ? text.slice(answer.text.length) : text;
    const own = stopId === undefined ? "\uFFFD" : tokenizer.decode([stopId]);
    if (fresh.length === 0 && freshText !== "" && freshText !== own) {
      // Text of tokens that are not there.
      answer.isBroken = true;
      break;
    }
    // Of a call's last token some servers give only this.
    if (stopId !== undefined && fresh.at(-1) !== stopId) fresh.push(stopId);
    const bad = fresh.findIndex((id) => id < 0 || id >= tokenizer.size);
    for (const id of bad < 0 ? fresh : fresh.slice(0, bad)) answer.ids.push(id);
    answer.text += freshText;
    answer.isBroken = bad >= 0;
    if (answer.isBroken || (part.finish !== null && part.finish !== undefined)) break;
  }
  return answer;
}

function dataOf(event: string): string {
  const lines = event.split("\n").filter((line) => line.startsWith("data:"));
  return lines.map((line) => line.slice(5).trim()).join("\n");
}

function parse(data: string): TokenEvent | undefined | "broken" {
  try {
    const value: unknown = JSON.parse(data);
    if (typeof value !== "object" || value === null || Array.isArray(value)) return "broken";
    if ("error" in value) return "broken";
    return TokenEvent.parse(data);
  } catch {
    return "broken";
  }
}
