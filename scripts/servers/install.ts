import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { dirname, join } from "node:path";
import { here, servers } from "./servers.ts";
import type { ServerName } from "./servers.ts";

/** Inspect, which reads our logs of evaluations. */
export const inspectFolder = ["inspect", "0.3.285"] as const;

/** The server's virtual environment, installed now if it is not there, or not with these pins. */
export function installed(name: ServerName): string {
  return installedFrom(servers[name].folder, servers[name].version);
}

/** The virtual environment of a folder beside this file, with its `install.sh`. */
export function installedFrom(scripts: string, version: string): string {
  return installedIn(join(here, scripts), scripts, version);
}

/** The virtual environment of any folder with an `install.sh`; it is cached under this name. */
export function installedIn(scripts: string, name: string, version: string): string {
  const folder = folderOf(name, version);
  if (isInstalled(folder, scripts)) return folder;
  console.log(`Installing ${name} ${version} into ${folder} (a few minutes, once) …`);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(dirname(folder), { recursive: true });
  const { status } = spawnSync("bash", [join(scripts, "install.sh"), folder, version], { stdio: "inherit" });
  if (status !== 0) throw new Error(`${name} could not be installed: see above`);
  writeFileSync(markerOf(folder), fingerprint(scripts));
  return folder;
}

/** The environment of a folder beside this file, where it is there already with these pins. */
export function alreadyInstalled(scripts: string, version: string): string | undefined {
  const folder = folderOf(scripts, version);
  return isInstalled(folder, join(here, scripts)) ? folder : undefined;
}

function isInstalled(folder: string, scripts: string): boolean {
  const marker = markerOf(folder);
  return existsSync(marker) && readFileSync(marker, "utf8") === fingerprint(scripts);
}

function folderOf(name: string, version: string): string {
  const cache = process.env["THREADWEAVER_CACHE"] ?? join(homedir(), ".cache", "threadweaver");
  return join(cache, `${name}-${version}`);
}

/** Written last: without it, or with other pins in it, an installation was broken off or is an old one. */
function markerOf(folder: string): string {
  return join(folder, "threadweaver-installed");
}

/** @param scripts the folder with `install.sh` and its pins. */
function fingerprint(scripts: string): string {
  const hash = createHash("sha256");
  for (const file of ["install.sh", "requirements.txt", "constraints.txt"]) {
    const path = join(scripts, file);
    if (existsSync(path)) hash.update(readFileSync(path));
  }
  return hash.digest("hex");
}
