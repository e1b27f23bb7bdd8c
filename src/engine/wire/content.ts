import { isRecord } from "./json-path.ts";

/** What the content of a message, or of a part of one, says. */
export interface Content {
  text: string;
  /** Thinking that stands among the text, in parts of its own. */
  thinking: string;
  /** The type of the first part that cannot be read, such as `image_url`. */
  unread: string | undefined;
}

const thinkingTypes: ReadonlySet<unknown> = new Set(["thinking", "reasoning", "reasoning_text", "summary_text"]);

/** Fields of a part that may hold its text, in this order. */
const textFields = ["text", "thinking", "reasoning", "content", "refusal", "summary", "value"] as const;

/**
 * Reads a content: a string, a list of parts, or one part. Undefined where there is none.
 *
 * Parts are strings, `{"type":"text","text"}` or `{"type":"thinking","thinking"}`, whose own texts may be lists of parts
 * again.
 */
export function readContent(value: unknown): Content | undefined {
  if (typeof value === "string") return { text: value, thinking: "", unread: undefined };
  if (!Array.isArray(value) && !isRecord(value)) return undefined;
  const content: Content = { text: "", thinking: "", unread: undefined };
  for (const part of [value].flat()) addPart(content, part);
  return content;
}

function addPart(content: Content, part: unknown): void {
  const text = textOf(part);
  const type = isRecord(part) ? part["type"] : undefined;
  if (text === undefined) content.unread ??= typeof type === "string" ? type : "a part of an unknown form";
  else if (thinkingTypes.has(type)) content.thinking += text;
  else content.text += text;
}

/** All text of a part, whatever it is for. Undefined where it has no field for a text. */
export function textOf(part: unknown): string | undefined {
  if (typeof part === "string") return part;
  if (Array.isArray(part)) return part.map((one) => textOf(one) ?? "").join("");
  if (!isRecord(part)) return undefined;
  const field = textFields.find((name) => part[name] !== undefined && part[name] !== null);
  return field === undefined ? undefined : textOf(part[field]);
}
