import { join } from "node:path";
import * as z from "zod";
import { streamLines, wholeFile, writeLines } from "../data/output-file.ts";
import { columns, writeParquet } from "../data/parquet.ts";
import { exitCodes } from "../exit-codes.ts";
import { usageError } from "../usage.ts";
import type { World } from "../world.ts";
import { readRecords } from "./records.ts";
import type { TrajectoryFlags } from "./settings.ts";

const message = z.object({ role: z.string(), content: z.string() });
const record = z.looseObject({
  id: z.string(),
  sample: z.int().optional(),
  question: z.string(),
  messages: z.array(message).optional(),
  text: z.string(),
  kind: z.string(),
  dialect: z.string(),
  answer: z.string(),
});

/** `trajectories export`: a chat data set, which trainers for supervised training read. */
export async function exportChats(
  folder: string | undefined,
  { output, overwrite }: TrajectoryFlags,
  world: World,
): Promise<number> {
  if (folder === undefined) throw usageError("trajectories export needs the folder of the texts.", "trajectories");
  const chats = chatsIn(join(folder, "trajectories.jsonl"));
  if (output === undefined) await streamLines(world.stdout, chats);
  else {
    const isParquet = output.endsWith(".parquet");
    await wholeFile(output, { overwrite }, (partial) =>
      isParquet ? writeParquet(partial, columns.chat, chats) : writeLines(partial, chats),
    );
  }
  return exitCodes.ok;
}

async function* chatsIn(path: string): AsyncGenerator<object> {
  for await (const { id, sample, question, messages, text, kind, dialect, answer } of readRecords(path, record)) {
    const asked = messages ?? [{ role: "user", content: question }];
    const name = sample === undefined ? id : `${id}/${sample}`;
    yield { id: name, messages: [...asked, { role: "assistant", content: text }], kind, dialect, answer };
  }
}
