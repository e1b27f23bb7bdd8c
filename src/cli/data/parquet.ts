import type { ParquetWriter } from "hyparquet-writer";
import { loadPeer } from "../../engine/optional-peer.ts";

type Schema = ConstructorParameters<typeof ParquetWriter>[0]["schema"];
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

/** What is held until it is written together: few groups keep the end of the file small, and contexts may be long. */
const mostRows = 2000;
const mostItems = 1_000_000;

/**
 * Writes rows as a parquet file.
 *
 * @throws `missing_dependency` without the package hyparquet-writer.
 */
export async function writeParquet(path: string, names: readonly string[], rows: AsyncIterable<object>): Promise<void> {
  const { fileWriter, ParquetWriter: Writer } = await loadPeer(
    () => import("hyparquet-writer"),
    "A parquet file",
    "hyparquet-writer@0.17",
  );
  // The least and the largest id of a group help no reader, and take room at the end of the file.
  const file = new Writer({ writer: fileWriter(path), schema: schemaOf(names), statistics: false });
  for await (const group of groupsOf(withJson(rows))) {
    const columnData = names.map((name) => ({ name, data: group.map((row) => row[name]) }));
    await file.write({ columnData, rowGroupSize: group.length });
  }
  await file.finish();
}

type Columns = Record<string, unknown>;

async function* groupsOf(rows: AsyncIterable<Columns>): AsyncGenerator<readonly Columns[]> {
  let group: Columns[] = [];
  let items = 0;
  for await (const row of rows) {
    group.push(row);
    for (const value of Object.values(row)) if (Array.isArray(value)) items += value.length;
    if (group.length < mostRows && items < mostItems) continue;
    yield group;
    group = [];
    items = 0;
  }
  if (group.length > 0) yield group;
}

/** A column has one type, so what has fields is text there. */
async function* withJson(rows: AsyncIterable<object>): AsyncGenerator<Columns> {
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
