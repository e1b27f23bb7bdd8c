import { readFile } from "node:fs/promises";
import { ThreadweaverError } from "../errors.ts";
import type { ForkBranch } from "../run/fork/options.ts";
import { readStdin } from "./prompt.ts";
import type { World } from "./world.ts";

const form = 'A line is one JSON object such as {"name": "parties", "ask": "Who are the parties?"}.';

/** The branches of a file of JSON lines. What stands in them is checked by `checkFork`. */
export async function readBranches(path: string, world: World): Promise<ForkBranch[]> {
  const name = path === "-" ? "stdin" : path;
  const text = path === "-" ? await readStdin(world) : await readText(path);
  const branches: ForkBranch[] = [];
  for (const [i, line] of text
    .replace(/^\uFEFF/, "")
    .split("\n")
    .entries()) {
    if (line.trim() !== "") branches.push(branchOf(line, `--branches ${name}:${i + 1}`));
  }
  if (branches.length > 0) return branches;
  throw new ThreadweaverError("file", `--branches ${name} holds no branches: it has no line of JSON. ${form}`);
}

async function readText(path: string): Promise<string> {
  return readFile(path, "utf8").catch((cause: unknown) => {
    throw new ThreadweaverError("file", `--branches ${path} cannot be read: ${wordsOf(cause)}`, { cause });
  });
}

function branchOf(line: string, where: string): ForkBranch {
  let json: unknown;
  try {
    json = JSON.parse(line);
  } catch (cause) {
    throw new ThreadweaverError("file", `${where} is not JSON: ${wordsOf(cause)}. ${form}`, { cause });
  }
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- `checkFork` looks at its fields
  if (typeof json === "object" && json !== null && !Array.isArray(json)) return json as ForkBranch;
  throw new ThreadweaverError("file", `${where} is no object. ${form}`);
}

function wordsOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
