import type { parquetWriteRows } from "hyparquet-writer";
import { loadPeer } from "../../engine/optional-peer.ts";

type Schema = NonNullable<Parameters<typeof parquetWriteRows>[0]["schema"]>;
type Kind = "ints" | "floats" | "int" | "float" | "text" | "json" | "messages";

/** What each column holds. */
const kinds: Readonly<Record<string, Kind>> = {
  prompt_ids: "ints",
  response_ids: "ints",
  response_mask: "ints",
  response_logprobs: "floats",
  reward: "float",
  advantage: "float",
  group_id: "text",
  rollout_id: "text",
  call_id: "int",
  part: "int",
  parent_call_id: "int",
  thread_path: "text",
  weight_version: "text",
  sampling: "json",
  sampling_by: "text",
  finish_reason: "text",
  path_tokens: "int",
  total_tokens: "int",
  input_ids: "ints",
  attention_mask: "ints",
  labels: "ints",
  id: "text",
  messages: "messages",
  kind: "text",
  dialect: "text",
  answer: "text",
};

const names = Object.keys(kinds);
const [sftAt, chatAt] = [names.indexOf("input_ids"), names.indexOf("id")];

export const columns = {
  rows: names.slice(0, sftAt),
  sft: names.slice(sftAt, chatAt),
  chat: names.slice(chatAt),
} as const;

/** Rows that are held until they are written together: long contexts make each of them large. */
const groupSize = 100;

/**
 * Writes rows as a parquet file.
 *
 * @throws `missing_dependency` without the package hyparquet-writer.
 */
export async function writeParquet(path: string, names: readonly string[], rows: AsyncIterable<object>): Promise<void> {
  const { fileWriter, parquetWriteRows: write } = await loadPeer(
    () => import("hyparquet-writer"),
    "A parquet file",
    "hyparquet-writer@0.17",
  );
  await write({
    writer: fileWriter(path),
    rows: withJson(rows),
    columns: names.map((name) => ({ name })),
    schema: schemaOf(names),
    rowGroupSize: groupSize,
  });
}

/** A column has one type, so what has fields is text there. */
async function* withJson(rows: AsyncIterable<object>): AsyncGenerator<Record<string, unknown>> {
  for await (const row of rows) {
    yield Object.fromEntries(
      Object.entries(row).map(([name, value]) => [
        name,
        kinds[name] === "json" && value !== null ? JSON.stringify(value) : value,
      ]),
    );
  }
}

function schemaOf(names: readonly string[]): Schema {
  const fields = names.map((name) => fieldsOf(name, kinds[name] ?? "text"));
  return [{ name: "rows", num_children: names.length }, ...fields.flat()];
}

function fieldsOf(name: string, kind: Kind): Schema {
  const optional = { name, repetition_type: "OPTIONAL" } as const;
  switch (kind) {
    case "ints":
    case "floats":
      return [
        { ...optional, converted_type: "LIST", num_children: 1 },
        { name: "list", repetition_type: "REPEATED", num_children: 1 },
        { name: "element", type: kind === "ints" ? "INT32" : "DOUBLE", repetition_type: "REQUIRED" },
      ];
    case "messages":
      return [
        { ...optional, converted_type: "LIST", num_children: 1 },
        { name: "list", repetition_type: "REPEATED", num_children: 1 },
        { name: "element", repetition_type: "REQUIRED", num_children: 2 },
        ...["role", "content"].map(
          (field) =>
            ({ name: field, repetition_type: "REQUIRED", type: "BYTE_ARRAY", converted_type: "UTF8" }) as const,
        ),
      ];
    case "int":
      return [{ ...optional, type: "INT32" }];
    case "float":
      return [{ ...optional, type: "DOUBLE" }];
    default:
      return [{ ...optional, type: "BYTE_ARRAY", converted_type: "UTF8" }];
  }
}
