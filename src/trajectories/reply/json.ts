import * as z from "zod";
import { checked, refused, type Checked, type Fault } from "../fault.ts";

/** `no-json`: the answer has no JSON, or only a part of it. `shape`: it is not the JSON that was asked for. */
export type ReplyCode = "no-json" | "shape";

/** Openings that are tried. An answer with more of them that are no JSON is none. */
const mostTries = 200;

/**
 * Reads a list of items from a chat answer, with prose and code fences around it. Of several lists the last that fits
 * counts, since models repeat the example of a question before they answer. A list that is the only one in an object is
 * taken out of it.
 */
export function readList<T>(reply: string, item: z.ZodType<T>): Checked<readonly T[], ReplyCode> {
  const lists = valuesIn(reply)
    .map(listIn)
    .filter((list) => list !== undefined);
  const last = lists.at(-1);
  if (last === undefined) {
    const message = "The answer has no complete JSON list. Answer with one JSON list, and nothing else.";
    return refused({ code: "no-json", message });
  }
  const fitting = lists.map((list) => itemsOf(list, item)).filter(({ value }) => value !== undefined);
  // Prose may have an empty list; it counts where there is no other.
  const chosen = fitting.findLast(({ value }) => value !== undefined && value.length > 0) ?? fitting.at(-1);
  return chosen ?? itemsOf(last, item);
}

function itemsOf<T>(list: readonly unknown[], item: z.ZodType<T>): Checked<readonly T[], ReplyCode> {
  const items: T[] = [];
  const faults: Fault<ReplyCode>[] = [];
  for (const [i, value] of list.entries()) {
    const parsed = item.safeParse(value);
    if (parsed.success) items.push(parsed.data);
    else {
      const why = parsed.error.issues.map(({ path, message }) => `${path.join(".") || "it"}: ${message}`).join("; ");
      faults.push({ code: "shape", item: i + 1, message: `Item ${i + 1} of the list cannot be read. ${why}.` });
    }
  }
  return checked(items, faults);
}

function listIn(value: unknown): readonly unknown[] | undefined {
  if (Array.isArray(value)) return value;
  if (typeof value !== "object" || value === null) return undefined;
  const lists = Object.values(value).filter((one) => Array.isArray(one));
  return lists.length === 1 ? lists[0] : undefined;
}

/** All outermost objects and lists of a text. What is inside broken JSON is a part of it, and no value of its own. */
function valuesIn(text: string): unknown[] {
  const values: unknown[] = [];
  const openings = /[[{]/g;
  for (let tries = 0; tries < mostTries; tries += 1) {
    const found = openings.exec(text);
    if (found === null) break;
    const end = endOf(text, found.index);
    const value = end === undefined ? undefined : parsed(text.slice(found.index, end));
    if (value !== undefined) values.push(value);
    if (value === undefined && !beginsLikeJson(text, found.index)) continue; // a bracket of prose
    if (end === undefined) break;
    openings.lastIndex = end;
  }
  return values;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function beginsLikeJson(text: string, at: number): boolean {
  const begin = /[[{]\s*["[{]/y;
  begin.lastIndex = at;
  return begin.test(text);
}

/** Where the bracket at `start` is closed. Brackets in strings do not count. */
function endOf(text: string, start: number): number | undefined {
  let depth = 0;
  let inString = false;
  for (let at = start; at < text.length; at += 1) {
    const char = text[at];
    if (inString && char === "\\") at += 1;
    else if (char === '"') inString = !inString;
    else if (inString) continue;
    else if (char === "[" || char === "{") depth += 1;
    else if ((char === "]" || char === "}") && (depth -= 1) === 0) return at + 1;
  }
  return undefined;
}
