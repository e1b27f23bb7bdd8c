import * as z from "zod";
import { ThreadweaverError } from "../errors.ts";

/**
 * Checks options at the border.
 *
 * @param what takes them, such as `createEngine`.
 * @throws `invalid_option`, naming every option that is wrong, what it may be, and for unknown ones those that there are.
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
