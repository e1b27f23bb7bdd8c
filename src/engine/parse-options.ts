import * as z from "zod";
import { ThreadweaverError } from "../errors.ts";

/**
 * Checks the options that a caller passed.
 *
 * @param what the function that takes them, such as `createEngine`.
 * @throws `invalid_option`. The message names every wrong option with its allowed values, and for unknown options those
 * that exist.
 */
export function parseOptions<T>(what: string, schema: z.ZodType<T>, value: unknown): T {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const issues = parsed.error.issues.map((issue) => {
    if (issue.code === "unrecognized_keys") return unknownOptions(issue.keys, schema);
    return issue.path.length === 0 ? issue.message : `${issue.path.join(".")}: ${issue.message}`;
  });
  throw new ThreadweaverError("invalid_option", `Invalid options for ${what}: ${issues.join("; ")}`);
}

function unknownOptions(keys: readonly string[], schema: z.ZodType): string {
  const known = schema instanceof z.ZodObject ? Object.keys(schema.shape) : [];
  const what = keys.length === 1 ? "there is no option" : "there are no options";
  return `${what} ${keys.join(", ")}${known.length === 0 ? "" : ` (there are ${known.join(", ")})`}`;
}
