import { ThreadweaverError } from "../../../errors.ts";
import { bytesOf } from "./bytes.ts";
import { withoutMark } from "./json-lines.ts";
import { asRow, type Row } from "./row.ts";

/** An array of objects, or an object in which one value is such an array. */
export async function* jsonDocument(path: string): AsyncGenerator<Row, void, undefined> {
  const text = withoutMark((await bytesOf(path)).toString());
  for (const [index, value] of arrayIn(parse(text, path), path).entries()) {
    yield asRow(value, path, `row ${index + 1}`);
  }
}

function parse(text: string, path: string): unknown {
  if (text.trim() === "") return [];
  try {
    return JSON.parse(text);
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    const remedy = "If every line is an object of its own, give the file a name that ends in .jsonl.";
    throw new ThreadweaverError("file", `${path} is no JSON: ${why}. ${remedy}`, { cause });
  }
}

function arrayIn(value: unknown, path: string): readonly unknown[] {
  if (Array.isArray(value)) return value;
  const arrays = typeof value === "object" && value !== null ? Object.entries(value).filter(isArray) : [];
  const [only, ...others] = arrays;
  if (only !== undefined && others.length === 0) return only[1];
  const found = arrays.length === 0 ? "no array" : `the arrays ${arrays.map(([key]) => key).join(", ")}`;
  const expected = "expected an array of rows, or an object with one array";
  throw new ThreadweaverError("file", `${path} has ${found}: ${expected}. Write the rows to a file of their own.`);
}

function isArray(entry: [string, unknown]): entry is [string, unknown[]] {
  return Array.isArray(entry[1]);
}
