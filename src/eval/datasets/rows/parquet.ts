import zlib from "node:zlib";
import { ThreadweaverError } from "../../../errors.ts";
import { bytesOf } from "./bytes.ts";
import { asRow, type Row } from "./row.ts";

/** Besides those that hyparquet itself can read. */
const compressors = {
  GZIP: (input: Uint8Array): Uint8Array => zlib.gunzipSync(input),
  BROTLI: (input: Uint8Array): Uint8Array => zlib.brotliDecompressSync(input),
  ZSTD: (input: Uint8Array): Uint8Array => zlib.zstdDecompressSync(input),
};

/** The rows of a parquet file, with values as JSON has them. */
export async function* parquet(path: string): AsyncGenerator<Row, void, undefined> {
  const { parquetReadObjects } = await import("hyparquet");
  const bytes = await bytesOf(path);
  const file = new Uint8Array(bytes).buffer;
  const rows = await parquetReadObjects({ file, compressors }).catch((cause: unknown) => {
    const why = cause instanceof Error ? cause.message : String(cause);
    const readable = "Compressions that can be read: none, snappy, gzip, brotli, and zstd from Node 22.15 on.";
    throw new ThreadweaverError("file", `${path} cannot be read as parquet: ${why}. ${readable}`, { cause });
  });
  for (const [index, row] of rows.entries()) yield asRow(asJson(row), path, `row ${index + 1}`);
}

/** Whole numbers of 64 bits as numbers where they are exact, else as text; dates as text. Bytes stay bytes. */
function asJson(value: unknown): unknown {
  if (typeof value === "bigint") return Number.isSafeInteger(Number(value)) ? Number(value) : String(value);
  if (value instanceof Date) return value.toJSON();
  if (Array.isArray(value)) return value.map(asJson);
  if (typeof value !== "object" || value === null || ArrayBuffer.isView(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, asJson(inner)]));
}
