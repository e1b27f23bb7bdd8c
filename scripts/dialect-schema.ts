/** Writes the JSON schema of dialects, for editors: `node scripts/dialect-schema.ts`. A test checks that it is current. */
import { readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { z } from "zod";
import { dialectSchema } from "../src/core/dialects/schema.ts";

type Schema = z.core.JSONSchema.JSONSchema;

const root = resolve(import.meta.dirname, "..");
const schemaPath = join(root, "dialect.schema.json");

/** What the page about dialects says of each field, by its path. */
function descriptions(): Map<string, string> {
  const page = readFileSync(join(root, "docs/dialects.md"), "utf8");
  const fields = page.split("\n## Fields\n")[1]?.split("\n## ")[0] ?? "";
  const items = fields.matchAll(/^ *- `([\w.[\]]+)`(?: and `[\w.]+`)?: ([^]*?)(?=\n *- |\n\n)/gm);
  return new Map(Array.from(items, ([, path = "", text = ""]) => [path, text.replaceAll(/\s+/g, " ").trim()]));
}

function describe(schema: Schema, path: string, texts: ReadonlyMap<string, string>): void {
  for (const part of [...(schema.oneOf ?? []), ...(schema.anyOf ?? [])]) {
    if (typeof part === "object") describe(part, path, texts);
  }
  if (typeof schema.items === "object" && !Array.isArray(schema.items)) describe(schema.items, `${path}[]`, texts);
  for (const [field, below] of Object.entries(schema.properties ?? {})) {
    if (typeof below !== "object") continue;
    const name = path === "" ? field : `${path}.${field}`;
    const text = texts.get(name);
    if (text !== undefined) below.description = text;
    describe(below, name, texts);
  }
}

/** The schema as it should be. */
export function dialectJsonSchema(): string {
  const schema = z.toJSONSchema(dialectSchema, { io: "input" });
  describe(schema, "", descriptions());
  const { $schema, properties, ...rest } = schema;
  const title = "A dialect of threadweaver: a format for parallel reasoning as data";
  const named = { $schema: { type: "string", description: "The schema of this file, for editors." }, ...properties };
  return `${JSON.stringify({ $schema, title, ...rest, properties: named }, undefined, 2)}\n`;
}

if (process.argv[1] === import.meta.filename) writeFileSync(schemaPath, dialectJsonSchema());
