import { existsSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";

const page = readFileSync(new URL("../docs/engines.md", import.meta.url), "utf8");
const lines = page.split("\n");

/** A table of the page whose columns are engines: its header has no name above the row names. */
interface Table {
  engines: string[];
  rows: string[][];
}

function tablesOf(): Table[] {
  const tables: Table[] = [];
  let current: string[][] = [];
  for (const line of [...lines, ""]) {
    if (line.startsWith("|")) {
      const cells = line.split("|").slice(1, -1);
      current.push(cells.map((cell) => cell.trim()));
    } else if (current.length > 0) {
      const [engines = [], , ...rows] = current;
      if (engines[0] === "") tables.push({ engines: engines.slice(1), rows });
      current = [];
    }
  }
  return tables;
}

/** The numbered notes, each as one line. */
function notesOf(): Map<number, string> {
  const notes = new Map<number, string>();
  const section = page.split("\n## Notes\n")[1]?.split("\n## ")[0] ?? "";
  for (const [, number, text = ""] of section.matchAll(/^(\d+)\. ([^]*?)(?=^\d+\. |(?![^]))/gm)) {
    notes.set(Number(number), text.replaceAll(/\s+/g, " ").trim());
  }
  return notes;
}

/** Tests named in brackets after `real` or `fake`. */
const named = (text: string): [kind: string, test: string][] =>
  [...text.matchAll(/\b(real|fake)[^;|]*?\(((?:[^()`]*`[\w-]+`)+[^)]*)\)/gi)].flatMap(([, kind = "", inside = ""]) =>
    [...inside.matchAll(/`([\w-]+)`/g)].map(([, test = ""]): [string, string] => [kind.toLowerCase(), test]),
  );
const exists = (path: string): boolean => existsSync(new URL(path, import.meta.url));

const tables = tablesOf();
const notes = notesOf();
const rows = tables.flatMap((table) => table.rows);
const referenced = (row: readonly string[]): number[] =>
  row.flatMap((cell) => [...cell.matchAll(/\[(\d+)\]/g)].map(([, number]) => Number(number)));

describe("the tables of what works on which engine", () => {
  it("say something of each engine in each row", () => {
    expect(tables.flatMap(({ engines }) => engines)).toEqual([
      "vLLM",
      "SGLang",
      "SGLang old",
      "llama.cpp",
      "embedded",
      "completions",
      "chats",
    ]);
    for (const { engines, rows: facts } of tables) {
      expect(facts.length).toBeGreaterThan(25);
      for (const row of facts) {
        expect(row).toHaveLength(engines.length + 1);
        for (const cell of row) expect(cell, row[0]).not.toBe("");
      }
    }
  });

  it("have the same rows", () => {
    const [first = [], ...others] = tables.map((table) => table.rows.map(([name]) => name));
    for (const names of others) expect(names).toEqual(first);
  });

  it("explain every row in a note, and have no note without a row", () => {
    for (const row of rows) expect(referenced(row), row[0]).not.toEqual([]);
    expect([...new Set(rows.flatMap(referenced))].toSorted((a, b) => a - b)).toEqual([...notes.keys()]);
    for (const [number, text] of notes) expect(text, `note ${number}`).not.toBe("");
  });

  it("claim what is real or fake only where the note says so", () => {
    for (const row of rows) {
      const text = referenced(row)
        .map((number) => notes.get(number))
        .join(" ");
      for (const cell of row.slice(1)) {
        if (cell === "real" || cell === "fake" || cell === "unverified")
          expect(text.toLowerCase(), row[0]).toContain(cell);
      }
    }
  });

  it("name tests that are there", () => {
    const all = [...notes.values()].flatMap(named);
    expect(all.length).toBeGreaterThan(60);
    for (const [kind, test] of all) {
      const places =
        kind === "real"
          ? [`servers/${test}.real.ts`, `engine/${test}.test.ts`, `llama/${test}.test.ts`]
          : [`engine/${test}.test.ts`, `testing/${test}.test.ts`, `${test}/fake-server.test.ts`];
      expect(places.some(exists), `${kind} (${test})`).toBe(true);
    }
  });
});

it("no line of the page is longer than 100 columns", () => {
  expect(lines.filter((line) => line.length > 100)).toEqual([]);
});
