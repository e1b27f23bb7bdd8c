import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { here, servers } from "./servers.ts";
import type { ServerName } from "./servers.ts";

/** The server's virtual environment, installed now if it is not there, or not with these pins. */
export function installed(name: ServerName): string {
  return installedFrom(servers[name].folder, servers[name].version);
}

/** The virtual environment of a folder beside this file, with its `install.sh`. */
export function installedFrom(scripts: string, version: string): string {
  const cache = process.env["THREADWEAVER_CACHE"] ?? join(homedir(), ".cache", "threadweaver");
  const folder = join(cache, `${scripts}-${version}`);
  // Written last: without it, or with other pins in it, an installation was broken off or is an old one.
  const marker = join(folder, "threadweaver-installed");
  const pins = fingerprint(scripts);
  if (existsSync(marker) && readFileSync(marker, "utf8") === pins) return folder;
  console.log(`Installing ${scripts} ${version} into ${folder} (a few minutes, once) …`);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(cache, { recursive: true });
  const { status } = spawnSync("bash", [join(here, scripts, "install.sh"), folder, version], { stdio: "inherit" });
  if (status !== 0) throw new Error(`${scripts} could not be installed: see above`);
  writeFileSync(marker, pins);
  return folder;
}

function fingerprint(scripts: string): string {
  const hash = createHash("sha256");
  for (const file of ["install.sh", "requirements.txt", "constraints.txt"]) {
    const path = join(here, scripts, file);
    if (existsSync(path)) hash.update(readFileSync(path));
  }
  return hash.digest("hex");
}
