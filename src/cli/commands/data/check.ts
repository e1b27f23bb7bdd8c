import { requireRatio } from "../../../train/ratio.ts";
import { trainingUnits } from "../../../train/units.ts";
import { ThreadweaverError } from "../../../errors.ts";
import { isRefused, type Source } from "../../data/source.ts";
import { exitCodes } from "../../exit-codes.ts";
import { counted } from "../../view/describe.ts";
import { visible } from "../../../visible.ts";
import type { DataWork } from "./work.ts";

interface Checked {
  readonly id: string;
  readonly where: string;
  readonly calls?: number;
  readonly targets?: number;
  /** Undefined: it can be used. */
  readonly why?: string;
}

/** `data check`: what can be used, and why the rest cannot. */
export async function dataCheck({ flags, world, sources }: DataWork): Promise<number> {
  let refused = 0;
  for await (const source of sources()) {
    const checked = checkedOf(source, !flags["no-ratio"]);
    if (checked.why !== undefined) refused += 1;
    world.stdout.write(flags.json ? `${JSON.stringify(checked)}\n` : `${visible(lineOf(checked))}\n`);
  }
  return refused === 0 ? exitCodes.ok : exitCodes.failed;
}

function checkedOf(source: Source, ratio: boolean): Checked {
  const { id, where } = source;
  if (isRefused(source)) return { id, where, why: source.why };
  try {
    const units = trainingUnits(source.trajectory);
    if (ratio) requireRatio(units);
    const targets = units.reduce((sum, { responseIds }) => sum + responseIds.length, 0);
    return { id, where, calls: units.length, targets };
  } catch (error) {
    if (!ThreadweaverError.isInstance(error)) throw error;
    return { id, where, why: error.message };
  }
}

function lineOf({ id, where, calls = 0, targets = 0, why }: Checked): string {
  if (why !== undefined) return `refused ${id} (${where}): ${why}`;
  return `ok      ${id}: ${counted(calls, "call")}, ${counted(targets, "target")}`;
}
