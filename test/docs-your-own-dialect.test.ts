import { execFile } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { dialectJsonSchema } from "../scripts/dialect-schema.ts";
import { dialectData } from "../src/core/dialects/dialect.ts";
import { dialects } from "../src/core/dialects/bundled/index.ts";
import { createExampleFolder, fencesOf, readPage, root, runExample } from "./page-fences.ts";

const page = readPage("docs/your-own-dialect.md");
const fences = fencesOf(page);
const run = promisify(execFile);

/** The blocks that are files, by their names. */
const files = new Map(
  fences.flatMap(({ info, code }) => {
    const name = /^(?:json|txt) (\S+)$/.exec(info)?.[1];
    return name === undefined ? [] : [[name, code] as const];
  }),
);

describe("the page about a dialect of one's own", () => {
  const { path: folder, remove } = createExampleFolder();
  afterAll(remove);
  // The line feed before the end of a block belongs to the page.
  for (const [name, code] of files) writeFileSync(join(folder, name), code.replace(/\n$/, ""));

  it("has a dialect in less than 50 lines", () => {
    const lines = files.get("review.json")?.trim().split("\n").length ?? 0;
    expect(lines).toBeGreaterThan(20);
    expect(lines).toBeLessThan(50);
    expect(page).toContain(`in ${lines} lines of JSON`);
  });

  it.each(fences.filter(({ info }) => info.startsWith("sh")))(
    "runs its command and prints what it says: $code",
    async ({ info, code, output }) => {
      const [program, ...args] = code.trim().split(" ");
      expect(program).toBe("threadweaver");
      const ended = await run(process.execPath, [join(root, "src/cli/main.ts"), ...args], { cwd: folder }).then(
        ({ stdout }) => ({ code: 0, stdout }),
        (error: { code: number; stdout: string }) => error,
      );
      expect(ended).toMatchObject({ code: info.includes("fails") ? 1 : 0, stdout: output });
    },
  );

  it.each(fences.filter(({ info }) => info === "ts"))("runs its program and prints what it says", async (fence) => {
    expect(await runExample(folder, fence.code)).toBe(fence.output);
  });

  it("fits into 100 columns, apart from what is printed", () => {
    const text = page.replaceAll(/^```text\n[^]*?^```$/gm, "").split("\n");
    expect(text.filter((line) => line.length > 100)).toEqual([]);
  });
});

describe("the JSON schema of dialects", () => {
  const schema = JSON.parse(readPage("dialect.schema.json")) as z.core.JSONSchema.JSONSchema;
  const accepts = (data: unknown): boolean => z.fromJSONSchema(schema).safeParse(data).success;

  it("is current: else run `npm run schema`", () => {
    expect(schema).toEqual(JSON.parse(dialectJsonSchema()));
  });

  it("takes every bundled dialect, and that of the page with its name of the schema", () => {
    for (const dialect of Object.values(dialects)) expect(accepts(dialectData(dialect)), dialect.name).toBe(true);
    expect(accepts(JSON.parse(files.get("review.json") ?? ""))).toBe(true);
  });

  it.each([
    ["a field that there is not", { colour: 1 }],
    ["a name in capitals", { name: "Mine" }],
    ["a word that a field cannot be", { threadKind: "jobs" }],
    ["a plan of no kind", { plan: { source: "magic" } }],
  ])("refuses %s", (_, change) => {
    expect(accepts({ ...dialectData(dialects["npr"]!), ...change })).toBe(false);
  });

  it("says what the fields are, in the words of the page about dialects", () => {
    const { properties = {} } = schema;
    for (const [name, field] of Object.entries(properties)) {
      if (name === "context" || name === "functions") continue;
      expect(JSON.stringify(field), name).toContain('"description"');
    }
  });

  it("is exported by the package", async () => {
    const imported = (await import("threadweaver/dialect.schema.json", { with: { type: "json" } })) as {
      default: unknown;
    };
    expect(imported.default).toEqual(schema);
  });
});
