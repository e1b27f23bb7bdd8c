import { trainingUnits } from "../../../train/units.ts";
import { streamLines } from "../../data/output-file.ts";
import { refusal } from "../../data/rows.ts";
import { isRefused, type Source } from "../../data/source.ts";
import { exitCodes } from "../../exit-codes.ts";
import type { DataWork } from "./work.ts";

/** `data units`: each training unit as a line of JSON. */
export async function dataUnits({ world, sources }: DataWork): Promise<number> {
  await streamLines(world.stdout, unitsOf(sources()));
  return exitCodes.ok;
}

async function* unitsOf(sources: AsyncIterable<Source>): AsyncGenerator<object> {
  for await (const source of sources) {
    if (isRefused(source)) throw refusal(source.where, source.why);
    for (const unit of trainingUnits(source.trajectory)) yield { id: source.id, ...unit };
  }
}
