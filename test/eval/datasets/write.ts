import { writeFileSync } from "node:fs";
import { join } from "node:path";
import zlib from "node:zlib";
import { parquetWriteBuffer, schemaFromColumnData } from "hyparquet-writer";

export type Rows = readonly Readonly<Record<string, unknown>>[];

/** The same rows in each kind of file; gives the paths. All rows need the same columns. */
export function writeAll(
  folder: string,
  rows: Rows,
): { jsonl: string; array: string; wrapped: string; parquet: string } {
  const at = (name: string, content: string | Uint8Array): string => {
    writeFileSync(join(folder, name), content);
    return join(folder, name);
  };
  return {
    jsonl: at("rows.jsonl", rows.map((row) => JSON.stringify(row)).join("\n")),
    array: at("rows.json", JSON.stringify(rows, undefined, 2)),
    wrapped: at("wrapped.json", JSON.stringify({ version: 1, data: rows })),
    parquet: at("rows.parquet", asParquet(rows)),
  };
}

const compressors = {
  GZIP: (input: Uint8Array): Uint8Array => zlib.gzipSync(input),
  BROTLI: (input: Uint8Array): Uint8Array => zlib.brotliCompressSync(input),
  ZSTD: (input: Uint8Array): Uint8Array => zlib.zstdCompressSync(input),
};

type Codec = "SNAPPY" | "UNCOMPRESSED" | keyof typeof compressors;

/** As other writers do it: whole numbers have 64 bits, and lists of text are lists. */
export function asParquet(rows: Rows, codec: Codec = "SNAPPY"): Uint8Array {
  const names = Object.keys(rows[0] ?? {});
  const columnData = names.map((name) => ({ name, data: valuesOf(name, rows) }));
  const elements = columnData.flatMap((column) => {
    if (column.data.some(Array.isArray)) return listOfText(column.name);
    const type = column.data.some((value) => typeof value === "bigint") ? { type: "INT64" as const } : {};
    return schemaFromColumnData({ columnData: [{ ...column, ...type }] }).slice(1);
  });
  const schema = [{ name: "root", num_children: names.length }, ...elements];
  const all = codec in compressors ? { compressors } : {};
  return new Uint8Array(parquetWriteBuffer({ columnData, schema, codec, ...all }));
}

function valuesOf(name: string, rows: Rows): unknown[] {
  const values = rows.map((row) => row[name] ?? null);
  const whole = values.every((value) => value === null || Number.isSafeInteger(value));
  return whole ? values.map((value) => (value === null ? null : BigInt(Number(value)))) : values;
}

function listOfText(name: string): ReturnType<typeof schemaFromColumnData> {
  return [
    { name, repetition_type: "OPTIONAL", converted_type: "LIST", num_children: 1 },
    { name: "list", repetition_type: "REPEATED", num_children: 1 },
    { name: "element", type: "BYTE_ARRAY", converted_type: "UTF8", repetition_type: "OPTIONAL" },
  ];
}
