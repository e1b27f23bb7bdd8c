import * as z from "zod";
import { ThreadweaverError } from "../../errors.ts";
import { chunksOf } from "../../files/chunks.ts";
import { linesOf } from "../../files/lines.ts";

/**
 * The records of a file of JSON lines.
 *
 * @throws `file` where it cannot be read, or a line is not what it should be, with its number.
 */
export async function* readRecords<T>(path: string, schema: z.ZodType<T>): AsyncGenerator<T, void, undefined> {
  for await (const { bytes, number } of linesOf(chunksOf(path))) {
    const parsed = schema.safeParse(valueIn(bytes));
    if (parsed.success) yield parsed.data;
    else {
      const message = `${path}:${number} is not a line of this kind of file. ${z.prettifyError(parsed.error)}`;
      throw new ThreadweaverError("file", message);
    }
  }
}

function valueIn(bytes: Uint8Array | undefined): unknown {
  try {
    return JSON.parse(Buffer.from(bytes ?? []).toString());
  } catch {
    return undefined;
  }
}

/** The first record, or the first with an id. */
export async function findRecord<T extends { readonly id: string }>(
  path: string,
  schema: z.ZodType<T>,
  id: string | undefined,
): Promise<T | undefined> {
  for await (const record of readRecords(path, schema)) if (id === undefined || record.id === id) return record;
  return undefined;
}
