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
    if (issue.code === "unrecognized_keys") return unknownOptions(issue.keys, issue.path, schema);
    return issue.path.length === 0 ? issue.message : `${issue.path.join(".")}: ${issue.message}`;
  });
  throw new ThreadweaverError("invalid_option", `Invalid options for ${what}: ${issues.join("; ")}`);
}

function unknownOptions(keys: readonly string[], path: readonly PropertyKey[], schema: z.ZodType): string {
  const group = path.reduce<unknown>((at, key) => shapeOf(at)?.[String(key)], schema);
  const known = Object.keys(shapeOf(group) ?? {});
  const named = keys.map((key) => [...path, key].join("."));
  const what = keys.length === 1 ? "there is no option" : "there are no options";
  return `${what} ${named.join(", ")}${known.length === 0 ? "" : ` (there are ${known.join(", ")})`}`;
}

/** The options of a group, itself perhaps optional. */
function shapeOf(schema: unknown): Readonly<Record<string, unknown>> | undefined {
  if (schema instanceof z.ZodOptional) return shapeOf(schema.unwrap());
  return schema instanceof z.ZodObject ? schema.shape : undefined;
}
