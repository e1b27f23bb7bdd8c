import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { writeWhole } from "./data.ts";

/**
 * Says in a folder what is made in it, so that what is there is never taken for something else.
 *
 * @throws where the folder was begun with other settings.
 */
export function keepSettings(folder: string, settings: object): void {
  mkdirSync(folder, { recursive: true });
  const path = join(folder, "settings.json");
  const mine = JSON.stringify(settings);
  if (!existsSync(path)) return writeWhole(path, mine);
  const there = readFileSync(path, "utf8");
  if (there === mine) return;
  throw new Error(
    `${path} says other settings than these. There: ${there}. Now: ${mine}. Give another --out, or remove the folder.`,
  );
}
