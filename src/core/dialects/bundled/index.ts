import { defineDialect } from "../dialect.ts";
import type { Dialect, DialectFunction, DialectInput } from "../schema.ts";
import { apr, countdownNode, goalPath } from "./apr.ts";
import { asyncthink, returned } from "./asyncthink.ts";
import { dcCot } from "./dc-cot.ts";
import { multiverse } from "./multiverse.ts";
import { npr } from "./npr.ts";
import { lastRound, pacore, synthesis } from "./pacore.ts";
import { parallelR1 } from "./parallel-r1.ts";
import { skeleton } from "./skeleton.ts";
import { threadweaverPrompted } from "./threadweaver-prompted.ts";
import { threadweaver, threadweaverConclusion } from "./threadweaver.ts";

export { apr, asyncthink, dcCot, multiverse, npr, pacore, parallelR1, skeleton, threadweaver, threadweaverConclusion };

/** The bundled dialects by name: those that models were trained on, then those that work by prompt. */
export const dialects: Readonly<Record<string, Dialect>> = Object.fromEntries(
  [
    threadweaver,
    threadweaverConclusion,
    parallelR1,
    npr,
    multiverse,
    dcCot,
    apr,
    skeleton,
    threadweaverPrompted,
    asyncthink,
    pacore,
  ].map((dialect) => [dialect.name, dialect]),
);

/** The functions that a dialect without code of its own (one read from JSON) may name. */
export const builtinFunctions: Readonly<Record<string, DialectFunction>> = {
  countdownNode,
  goalPath,
  lastRound,
  returned,
  synthesis,
};

/**
 * A dialect from plain data such as parsed JSON, in which `$schema` may name the schema for editors. Throws
 * `invalid_dialect` as `defineDialect` does.
 */
export function dialectFromData(data: object): Dialect {
  // The data is not trusted: defineDialect checks every field.
  const input: DialectInput & { $schema?: unknown } = Object.assign(Object.create(null), data, {
    functions: builtinFunctions,
  });
  if (typeof input.$schema === "string") delete input.$schema;
  return defineDialect(input);
}
