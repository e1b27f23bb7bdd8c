import { extname } from "node:path";
import { ThreadweaverError } from "../../../errors.ts";
import { jsonDocument } from "./json.ts";
import { jsonLines } from "./json-lines.ts";
import { parquet } from "./parquet.ts";
import type { Row } from "./row.ts";

const readers: Readonly<Record<string, (path: string) => AsyncGenerator<Row, void, undefined>>> = {
  ".jsonl": jsonLines,
  ".ndjson": jsonLines,
  ".json": jsonDocument,
  ".parquet": parquet,
};

/**
 * The rows of a file, whose kind its name says.
 *
 * @throws `invalid_option` for another kind of file. Rejects with `file` where it cannot be read, with the place.
 */
export function readRows(path: string): AsyncGenerator<Row, void, undefined> {
  const extension = extname(path).toLowerCase();
  const reader = Object.hasOwn(readers, extension) ? readers[extension] : undefined;
  if (reader !== undefined) return reader(path);
  throw new ThreadweaverError(
    "invalid_option",
    `${path} is no dataset that can be read: expected a name that ends in ${Object.keys(readers).join(", ")}.`,
  );
}
