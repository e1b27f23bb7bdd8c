import { existsSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";

const page = readFileSync(new URL("../docs/engines.md", import.meta.url), "utf8");
const rows = page
  .split("\n")
  .filter((line) => line.startsWith("|"))
  .map((line) =>
    line
      .split("|")
      .slice(1, -1)
      .map((cell) => cell.trim()),
  );
const [engines = [], , ...facts] = rows;

/** Tests named in brackets behind `real` or `fake`. */
const named = (cell: string): [kind: string, test: string][] =>
  [...cell.matchAll(/\b(real|fake)[^;|]*?\(((?:[^()`]*`[\w-]+`)+[^)]*)\)/g)].flatMap(([, kind = "", inside = ""]) =>
    [...inside.matchAll(/`([\w-]+)`/g)].map(([, test = ""]): [string, string] => [kind, test]),
  );
const exists = (path: string): boolean => existsSync(new URL(path, import.meta.url));

describe("the table of what works on which engine", () => {
  it("says something of each engine in each row", () => {
    expect(facts.length).toBeGreaterThan(15);
    for (const row of facts) {
      expect(row).toHaveLength(engines.length);
      for (const cell of row) expect(cell, row[0]).not.toBe("");
    }
  });

  it("names tests that are there", () => {
    const all = facts.flat().flatMap(named);
    expect(all.length).toBeGreaterThan(30);
    for (const [kind, test] of all) {
      const places =
        kind === "real"
          ? [`servers/${test}.real.ts`, `engine/${test}.test.ts`]
          : [`engine/${test}.test.ts`, `testing/${test}.test.ts`, `${test}/fake-server.test.ts`];
      expect(places.some(exists), `${kind} (${test})`).toBe(true);
    }
  });
});
