import { ThreadweaverError } from "../../../errors.ts";

/** One row of a file, before it is known what its columns mean. */
export interface Row {
  /** Such as `line 7`. */
  readonly place: string;
  readonly columns: Readonly<Record<string, unknown>>;
}

/** @throws `file` where the value is no object. */
export function asRow(value: unknown, path: string, place: string): Row {
  if (typeof value === "object" && value !== null && !Array.isArray(value)) {
    return { place, columns: Object.fromEntries(Object.entries(value)) };
  }
  throw badFile(path, place, `is no object: ${shorten(JSON.stringify(value))}`, "Each row is an object of columns.");
}

/** An error of what a file holds. */
export function badFile(path: string, place: string, what: string, remedy: string, cause?: unknown): ThreadweaverError {
  return new ThreadweaverError("file", `${path}, ${place}, ${what}. ${remedy}`, { cause });
}

/** For messages. */
export function shorten(text: string): string {
  return text.length > 80 ? `${text.slice(0, 80)}…` : text;
}
