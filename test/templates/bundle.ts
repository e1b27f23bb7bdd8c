import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

/** The chat templates that come with llama.cpp, by their names, out of the sources that node-llama-cpp brings along. */
export function bundledTemplates(): Map<string, string> {
  const library = dirname(fileURLToPath(import.meta.resolve("node-llama-cpp")));
  const folder = mkdtempSync(join(tmpdir(), "threadweaver-templates-"));
  const run = (command: string, ...args: string[]): void => {
    execFileSync(command, args, { cwd: folder, stdio: ["ignore", "ignore", "pipe"] });
  };
  try {
    run("git", "init", "--bare", "--quiet", "bare");
    run("git", "-C", "bare", "fetch", "--quiet", join(library, "..", "llama", "gitRelease.bundle"), "HEAD");
    run("git", "-C", "bare", "archive", "--output", "../templates.tar", "FETCH_HEAD", "models/templates");
    run("tar", "-xf", "templates.tar");
    return templatesIn(join(folder, "models", "templates"));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** The chat templates of a folder, by their names. */
export function templatesIn(folder: string): Map<string, string> {
  const names = readdirSync(folder).filter((name) => name.endsWith(".jinja"));
  return new Map(names.map((name) => [name.replace(/\.jinja$/, ""), readFileSync(join(folder, name), "utf8")]));
}
