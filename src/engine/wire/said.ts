import { isRecord } from "./json-path.ts";

/** Most characters of a server's words that a message repeats. */
const mostSaid = 600;

/** Fields that hold an error or its message, in this order. */
const fields = [
  "error",
  "errors",
  "message",
  "detail",
  "details",
  "error_message",
  "error_msg",
  "errorMessage",
  "status_msg",
  "base_resp",
  "msg",
  "description",
  "title",
] as const;

/**
 * What a server says in an error of any shape: a text, an HTML page, or JSON with a message somewhere in it. Undefined
 * where there are no words.
 */
export function saidIn(value: unknown, depth = 0): string | undefined {
  if (typeof value === "string") return value.trim() === "" ? undefined : readable(value);
  if (depth > 6) return undefined;
  if (Array.isArray(value)) {
    const all = value.slice(0, 3).flatMap((one: unknown) => saidIn(one, depth + 1) ?? []);
    return all.length === 0 ? undefined : all.join("; ");
  }
  if (!isRecord(value)) return undefined;
  for (const name of fields) {
    const said = saidIn(value[name], depth + 1);
    if (said !== undefined) return placed(value["loc"] ?? value["param"], said);
  }
  return undefined;
}

/** Servers name the field that they mean: FastAPI in a list such as `["body","seed"]`, OpenAI as `param`. */
function placed(place: unknown, said: string): string {
  const name = Array.isArray(place) ? place.join(".") : typeof place === "string" ? place : "";
  return name === "" || said.includes(name) ? said : `${name}: ${said}`;
}

/** Shortens a text. Of an HTML page, only the title is left. */
export function readable(text: string): string {
  const trimmed = text.trim();
  if (isPage(trimmed)) return pageOf(trimmed);
  return trimmed.length > mostSaid ? `${trimmed.slice(0, mostSaid)}…` : trimmed;
}

export function isPage(text: string): boolean {
  return /^\s*<(?:!doctype|html|head|body|\?xml|!--)/i.test(text);
}

/** What a page is, in a few words. */
function pageOf(page: string): string {
  const found = /<title[^>]*>([^<]*)/i.exec(page)?.[1] ?? /<h1[^>]*>([^<]*)/i.exec(page)?.[1] ?? "";
  const title = found.replace(/\s+/g, " ").trim().slice(0, 100);
  return title === "" ? "a page without a title" : `a page titled "${title}"`;
}
