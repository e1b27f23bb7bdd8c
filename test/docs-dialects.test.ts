import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { dialects } from "../src/core/dialects/bundled/index.ts";
import { dialectSchema } from "../src/core/dialects/schema.ts";
import { readPlan } from "../src/core/machine/plan.ts";
import { fencesOf, root } from "./readme-fences.ts";

const page = readFileSync(new URL("../docs/dialects.md", import.meta.url), "utf8");
const examples = fencesOf(page).filter(({ info }) => info === "ts");

type JsonSchema = z.core.JSONSchema.JSONSchema;

/** The paths of all fields below a schema, and the words that a field can be. */
function namesIn(schema: JsonSchema, path: string): string[] {
  const parts = [...(schema.oneOf ?? []), ...(schema.anyOf ?? [])];
  const words = schema.const === undefined ? (schema.enum ?? []) : [schema.const];
  const names = words.filter((word) => typeof word === "string");
  for (const part of parts) names.push(...namesIn(part, path));
  if (typeof schema.items === "object" && !Array.isArray(schema.items))
    names.push(...namesIn(schema.items, `${path}[]`));
  for (const [field, below] of Object.entries(schema.properties ?? {})) {
    const name = path === "" ? field : `${path}.${field}`;
    names.push(name, ...(typeof below === "object" ? namesIn(below, name) : []));
  }
  return names;
}

describe("the page about dialects", () => {
  // In the repository, so that the package finds itself by its own name.
  const folder = mkdtempSync(join(root, "reports-readme-"));
  afterAll(() => rmSync(folder, { recursive: true }));

  it("has three worked dialects", () => {
    expect(examples).toHaveLength(3);
  });

  it.each(examples)("runs its example and prints what it says: $code", async ({ code, output }) => {
    const file = join(folder, "snippet.ts");
    writeFileSync(file, code);
    const args = ["--conditions=threadweaver-source", file];
    expect((await promisify(execFile)(process.execPath, args, { cwd: root })).stdout).toBe(output);
  });

  it("names every field of a dialect, every word that a field can be, and every bundled dialect", () => {
    const fields = namesIn(z.toJSONSchema(dialectSchema), "").filter((name) => !name.endsWith(".fn"));
    expect(fields).toContain("context.messages[].content");
    expect(fields.length).toBeGreaterThan(80);
    for (const name of [...fields, ...Object.keys(dialects)]) expect(page, name).toContain(`\`${name}\``);
  });

  it("is right about items that share a line feed", () => {
    const idsOf = (item: string) => {
      const { items } = readPlan({ source: "outline", after: "", item, onEmpty: "end" }, "\n1: a\n2: b\n3: c\n");
      return items.map(({ captures }) => captures["id"]);
    };
    expect(idsOf("\n{id:int}: {text}\n")).toEqual(["3"]);
    expect(idsOf("{id:int}: {text}\n")).toEqual(["1", "2", "3"]);
  });

  it("fits into 100 columns", () => {
    expect(page.split("\n").filter((line) => line.length > 100)).toEqual([]);
  });
});
