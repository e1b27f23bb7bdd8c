import { defineDialect } from "../dialect.ts";
import type { Dialect, DialectFunction, DialectInput } from "../schema.ts";
import { apr, countdownNode, goalPath } from "./apr.ts";
import { asyncthink, returned } from "./asyncthink.ts";
import { npr } from "./npr.ts";
import { parallelR1 } from "./parallel-r1.ts";
import { threadweaver, threadweaverConclusion } from "./threadweaver.ts";

export { apr, asyncthink, npr, parallelR1, threadweaver, threadweaverConclusion };

/** The bundled dialects by name. */
export const dialects: Readonly<Record<string, Dialect>> = Object.fromEntries(
  [threadweaver, threadweaverConclusion, parallelR1, npr, apr, asyncthink].map((d) => [d.name, d]),
);

/** The functions that a dialect without code of its own (one read from JSON) may name. */
export const builtinFunctions: Readonly<Record<string, DialectFunction>> = { countdownNode, goalPath, returned };

/** A dialect from plain data such as parsed JSON. Throws `invalid_dialect` as `defineDialect` does. */
export function dialectFromData(data: object): Dialect {
  // The data is not trusted: defineDialect checks every field.
  const input: DialectInput = Object.assign(Object.create(null), data, { functions: builtinFunctions });
  return defineDialect(input);
}
