import { hash } from "node:crypto";
import { dialectData } from "../../core/dialects/dialect.ts";
import type { Dialect } from "../../core/dialects/schema.ts";

/** The SHA-256 of what a format says: formats of one name may differ, for instance in their instructions. */
export function dialectDigest(dialect: Dialect): string {
  return hash("sha256", JSON.stringify(dialectData(dialect)));
}
