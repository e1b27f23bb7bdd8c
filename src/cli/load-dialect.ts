import { readFile } from "node:fs/promises";
import { dialectFromData, dialects } from "../core/dialects/bundled/index.ts";
import type { Dialect } from "../core/dialects/schema.ts";
import { ThreadweaverError } from "../errors.ts";
import { fileError } from "../files/file-error.ts";
import { suggestion } from "./usage.ts";

/** A bundled dialect by its name, or one read from a `.json` file. */
export async function loadDialect(name: string): Promise<Dialect> {
  if (name.endsWith(".json")) return readDialect(name);
  const bundled = Object.hasOwn(dialects, name) ? dialects[name] : undefined;
  if (bundled !== undefined) return bundled;
  const names = Object.keys(dialects);
  throw new ThreadweaverError(
    "invalid_option",
    `There is no dialect ${JSON.stringify(name)}.${suggestion(name, names)} Bundled are ${names.join(", ")}; ` +
      "a dialect of your own is the path of a .json file.",
  );
}

/** The same where one was named. */
export async function loadDialectIf(name: string | undefined): Promise<Dialect | undefined> {
  return name === undefined ? undefined : loadDialect(name);
}

async function readDialect(path: string): Promise<Dialect> {
  const text = await readFile(path, "utf8").catch((cause: unknown) => {
    throw fileError(`The dialect ${path} cannot be read`, cause);
  });
  try {
    return dialectFromData(JSON.parse(text));
  } catch (cause) {
    const why = cause instanceof SyntaxError ? `is not JSON: ${cause.message}` : messageOf(cause);
    throw new ThreadweaverError("invalid_dialect", `${path}: ${why}`, { cause });
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
