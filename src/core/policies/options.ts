import * as z from "zod";
import { ThreadweaverError } from "../../errors.ts";

/** The options of a policy, with their defaults. @throws `invalid_option`, naming each that is wrong. */
export function optionsOf<T>(name: string, schema: z.ZodType<T>, given: unknown): T {
  const parsed = schema.safeParse(given);
  if (parsed.success) return parsed.data;
  const issues = parsed.error.issues.map(({ path, message }) => [...path, message].join(" "));
  throw new ThreadweaverError("invalid_option", `The policy ${name} cannot be made: ${issues.join("; ")}.`);
}
