import { readFileSync } from "node:fs";
import * as z from "zod";
import { packageFile } from "./package-file.ts";

export function packageVersion(): string {
  return z.object({ version: z.string() }).parse(JSON.parse(readFileSync(packageFile("package.json"), "utf8"))).version;
}
