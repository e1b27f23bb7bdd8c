import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

export const root: string = fileURLToPath(new URL("..", import.meta.url));

/** The text of a page of the documentation, by its path in the repository. */
export function readPage(path: string): string {
  return readFileSync(join(root, path), "utf8");
}

export interface Fence {
  info: string;
  code: string;
  /** What the code must print: the content of a `text` fence right after it. */
  output: string | undefined;
}

/** The examples and commands of a page. */
export function fencesOf(page: string): Fence[] {
  const found = [...page.matchAll(/^```([^\n]*)\n([^]*?)^```$/gm)];
  return found.map((match, i): Fence => {
    const [whole, info = "", code = ""] = match;
    const next = found[i + 1];
    const between = next === undefined ? "" : page.slice(match.index + whole.length, next.index);
    return { info, code, output: next?.[1] === "text" && between.trim() === "" ? next[2] : undefined };
  });
}

/** A folder for examples. It lies in the repository, so that the package finds itself by its own name. */
export function createExampleFolder(): { path: string; remove: () => void } {
  const path = mkdtempSync(join(root, "reports-page-"));
  return { path, remove: () => rmSync(path, { recursive: true }) };
}

/** Runs an example on the sources of the package, and returns what it prints. */
export async function runExample(folder: string, code: string): Promise<string> {
  const file = join(folder, "snippet.ts");
  writeFileSync(file, code);
  const { stdout } = await promisify(execFile)(process.execPath, ["--conditions=threadweaver-source", file], {
    cwd: root,
  });
  return stdout;
}
