import type { z } from "zod";
import { ThreadweaverError } from "../errors.ts";

/** Checks options at the border. @throws `invalid_option`, naming every option that is wrong. */
export function parseOptions<T>(what: string, schema: z.ZodType<T>, value: unknown): T {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const issues = parsed.error.issues.map(({ path, message }) =>
    path.length === 0 ? message : `${path.join(".")}: ${message}`,
  );
  throw new ThreadweaverError("invalid_option", `Invalid options for ${what}: ${issues.join("; ")}`);
}
