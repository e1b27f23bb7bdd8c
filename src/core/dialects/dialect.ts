import * as z from "zod";
import { ThreadweaverError } from "../../errors.ts";
import { checkDialect } from "./check.ts";
import type { DialectData } from "./dialect-types.ts";
import { dialectSchema, type Dialect, type DialectInput } from "./schema.ts";

/**
 * Checks a dialect and returns it. Throws a `ThreadweaverError` with the code `invalid_dialect`. Its message names
 * every mistake: where it is, what was expected and what was found.
 */
export function defineDialect(input: DialectInput): Dialect {
  const { functions, ...data } = input;
  const name = typeof data.name === "string" ? data.name : "(unnamed)";
  const parsed = dialectSchema.safeParse(data);
  if (!parsed.success) {
    throw new ThreadweaverError("invalid_dialect", `dialect ${name} is not valid:\n${z.prettifyError(parsed.error)}`);
  }
  const dialect: Dialect = functions === undefined ? parsed.data : { ...parsed.data, functions };
  const problems = checkDialect(dialect);
  if (problems.length > 0) {
    throw new ThreadweaverError(
      "invalid_dialect",
      `dialect ${name} is not valid:\n${problems.map((p) => `✖ ${p}`).join("\n")}`,
    );
  }
  return dialect;
}

/** A dialect as data, without the code of its functions. `dialectFromData` reads it again. */
export function dialectData({ functions: _functions, ...data }: Dialect): DialectData {
  return data;
}

/** The same format without forks, as a baseline. It needs only one call, which any engine can make. */
export function sequential(dialect: Dialect): Dialect {
  return { ...dialect, trigger: { kind: "none" }, needs: "chat-only" };
}
