import { existsSync } from "node:fs";
import { join } from "node:path";
import type { Header } from "../../eval/ledger/header.ts";
import { readEarlier } from "../../eval/ledger/known.ts";
import type { LedgerOptions } from "../../eval/ledger/ledger.ts";
import { LedgerReader } from "../../eval/ledger/reader.ts";
import { warn } from "../view/report.ts";
import type { World } from "../world.ts";
import { ledgerName } from "./make.ts";

interface Planned extends LedgerOptions {
  readonly out: string | undefined;
}

/**
 * How many samples of each arm a run with these options would find in its folder. Nothing is changed there.
 *
 * @throws what the run would throw for a ledger that it cannot go on with.
 */
export async function samplesThere(
  header: Header,
  { out, resume = false, overwrite = false }: Planned,
  world: World,
): Promise<(arm: string) => number> {
  const path = out === undefined ? undefined : join(out, ledgerName);
  if (path === undefined || overwrite || !existsSync(path)) return () => 0;
  if (!resume) {
    warn(world, `${path} exists. Add --resume to go on with it, or --overwrite to replace it.`);
    return () => 0;
  }
  if (!(await LedgerReader.hasBegun(path))) return () => 0;
  const { known } = await readEarlier(path, header);
  return (arm) => known.countOf(arm);
}
