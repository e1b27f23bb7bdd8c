import { columns, writeParquet } from "../../data/parquet.ts";
import { streamLines, wholeFile, writeLines } from "../../data/output-file.ts";
import { exportedFrom } from "../../data/rows.ts";
import { exitCodes } from "../../exit-codes.ts";
import { usageError } from "../../usage.ts";
import { counted } from "../../view/describe.ts";
import { visible } from "../../../visible.ts";
import type { DataWork } from "./work.ts";

/** `data export`: rows for trainers. What is refused ends it, and then there is no file. */
export async function dataExport({ flags, world, sources, scores }: DataWork): Promise<number> {
  const { output, format, layout, overwrite, skip } = flags;
  const isParquet = output?.endsWith(".parquet") === true;
  if (isParquet && format !== "rows" && format !== "sft") {
    throw usageError(`--format ${format} has no columns: write it as JSON lines.`, "data");
  }
  let refused = 0;
  const setup = { format, layout, ratio: !flags["no-ratio"], scores: await scores() };
  const values = exportedFrom(sources(), setup, (error) => {
    if (!skip) throw error;
    refused += 1;
    world.stderr.write(`${visible(error.message)}\n`);
  });
  if (output === undefined) await streamLines(world.stdout, values);
  else {
    const names = format === "sft" ? columns.sft : columns.rows;
    await wholeFile(output, { overwrite }, (partial) =>
      isParquet ? writeParquet(partial, names, values) : writeLines(partial, values),
    );
  }
  if (refused > 0) world.stderr.write(`${counted(refused, "refused one")} left out.\n`);
  return exitCodes.ok;
}
