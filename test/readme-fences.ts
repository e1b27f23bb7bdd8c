import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

export const root: string = fileURLToPath(new URL("..", import.meta.url));
export const readme: string = readFileSync(new URL("../README.md", import.meta.url), "utf8");

export interface Fence {
  info: string;
  code: string;
  /** Of a `text` fence right behind it: what it must print. */
  output: string | undefined;
}

/** The README's examples and commands. */
export function fences(): Fence[] {
  return fencesOf(readme);
}

/** Those of any page. */
export function fencesOf(page: string): Fence[] {
  const found = [...page.matchAll(/^```([^\n]*)\n([^]*?)^```$/gm)];
  return found.map((match, i): Fence => {
    const [whole, info = "", code = ""] = match;
    const next = found[i + 1];
    const between = next === undefined ? "" : page.slice(match.index + whole.length, next.index);
    return { info, code, output: next?.[1] === "text" && between.trim() === "" ? next[2] : undefined };
  });
}
