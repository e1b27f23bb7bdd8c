import { ThreadweaverError } from "../../../errors.ts";
import { refusal } from "../../data/rows.ts";
import { shownParts, type Shown } from "../../data/shown.ts";
import { isRefused } from "../../data/source.ts";
import { exitCodes } from "../../exit-codes.ts";
import { counted } from "../../view/describe.ts";
import { visible } from "../../../visible.ts";
import type { DataWork } from "./work.ts";

/** `data show`: one trajectory, who wrote what of it, and what is trained. */
export async function dataShow({ flags, world, sources }: DataWork): Promise<number> {
  for await (const source of sources()) {
    if (flags.id !== undefined && source.id !== flags.id) continue;
    if (isRefused(source)) throw refusal(source.where, source.why);
    const parts = shownParts(source.trajectory);
    if (flags.json) world.stdout.write(`${JSON.stringify({ id: source.id, parts })}\n`);
    else world.stdout.write(page(source.id, parts, world.stdout.columns ?? 100));
    return exitCodes.ok;
  }
  const message = flags.id === undefined ? "The file has no trajectory." : `The file has no trajectory ${flags.id}.`;
  throw new ThreadweaverError("invalid_option", message);
}

function page(id: string, parts: readonly Shown[], columns: number): string {
  const trained = parts.reduce((sum, part) => sum + part.trained, 0);
  const tokens = parts.reduce((sum, part) => sum + part.tokens, 0);
  const rows = parts.map(({ thread, by, tokens: all, trained: own, text }) => [
    thread,
    by,
    `${own}/${all}`,
    visible(text),
  ]);
  const heads = ["thread", "written by", "trained", "text"];
  const widths = heads.map((head, i) => Math.max(head.length, ...rows.map((row) => row[i]?.length ?? 0)));
  const line = (row: readonly string[]): string =>
    row
      .map((cell, i) => (i === row.length - 1 ? cell : cell.padEnd(widths[i] ?? 0)))
      .join("  ")
      .slice(0, columns);
  const sum = `${id}: ${counted(trained, "target")} of ${counted(tokens, "token")}`;
  return `${[visible(sum), line(heads), ...rows.map(line)].join("\n")}\n`;
}
