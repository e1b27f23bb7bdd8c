import { closeSync, existsSync, fsyncSync, openSync, renameSync, rmSync, writeSync } from "node:fs";
import { ThreadweaverError } from "../../errors.ts";
import { fileError } from "../../files/file-error.ts";
import type { Output } from "../world.ts";

/** How many bytes are collected before they are written. */
const enough = 1 << 20;

/**
 * Makes a file whole or not at all: it is written beside its place and put there at the end.
 *
 * @param make writes it to the path that it is given.
 * @throws `file` where it exists and may not be replaced, or cannot be written.
 */
export async function wholeFile(
  path: string,
  { overwrite }: { overwrite: boolean },
  make: (partial: string) => Promise<void>,
): Promise<void> {
  if (existsSync(path) && !overwrite) {
    throw new ThreadweaverError("file", `${path} exists. Add --overwrite to replace it, or give another name.`);
  }
  const partial = `${path}.partial`;
  try {
    await make(partial);
    renameSync(partial, path);
  } catch (cause) {
    rmSync(partial, { force: true });
    throw ThreadweaverError.isInstance(cause) ? cause : fileError(`${path} cannot be written`, cause);
  }
}

/** Writes JSON lines to a new file. */
export async function writeLines(path: string, values: AsyncIterable<object>): Promise<void> {
  const file = openSync(path, "w", 0o600);
  try {
    let lines = "";
    const flush = (): void => {
      const bytes = Buffer.from(lines);
      for (let at = 0; at < bytes.length;) at += writeSync(file, bytes, at);
      lines = "";
    };
    for await (const value of values) {
      lines += `${JSON.stringify(value)}\n`;
      if (lines.length > enough) flush();
    }
    flush();
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}

/** Writes JSON lines to a stream, no faster than it takes them. */
export async function streamLines(output: Output, values: AsyncIterable<object>): Promise<void> {
  for await (const value of values) {
    if (!output.write(`${JSON.stringify(value)}\n`)) await new Promise((resolve) => output.once("drain", resolve));
  }
}
