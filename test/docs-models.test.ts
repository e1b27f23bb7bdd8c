import { existsSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { commands } from "../src/cli/flags/commands.ts";
import { parse } from "../src/cli/flags/parse.ts";
import { dialects } from "../src/core/dialects/bundled/index.ts";
import { fencesOf, readPage, root } from "./page-fences.ts";

const page = readPage("docs/models.md");
const engines = readPage("docs/engines.md");
const linesOf = (info: string) =>
  fencesOf(page)
    .filter((fence) => fence.info === `sh ${info}`)
    .flatMap(({ code }) => code.trim().split("\n"));

/** The rows of the table with this first column, each cell without its back-ticks. */
function rowsOf(column: string): string[][] {
  const lines = page.split("\n");
  const head = lines.findIndex((line) => line.startsWith(`| ${column} `));
  const end = lines.findIndex((line, i) => i > head && !line.startsWith("|"));
  return lines.slice(head + 2, end).map((line) =>
    line
      .split("|")
      .slice(1, -1)
      .map((cell) => cell.trim().replaceAll("`", "")),
  );
}

const trained = Object.values(dialects).filter((dialect) => dialect.trained !== undefined);

describe("the page of published models", () => {
  it("names a bundled dialect for each model, and a model for each dialect that has to be trained", () => {
    const named = rowsOf("model").map(([, , , dialect = ""]) => dialect);
    const known = [...Object.keys(dialects), "none of these"];
    for (const dialect of named) expect(known).toContain(dialect);
    for (const { name } of trained) expect(named).toContain(name);
  });

  it("has a prompt and a sampling for each of these dialects, and for no other", () => {
    const rows = rowsOf("dialect");
    expect(new Set(rows.map(([dialect]) => dialect))).toEqual(new Set(trained.map(({ name }) => name)));
    for (const row of rows) for (const cell of row) expect(cell).not.toBe("");
    const notes = [...page.matchAll(/^(\d)\. /gm)].map(([, number]) => number);
    const cited = rows.flatMap((row) => [...row.join(" ").matchAll(/\[(\d)\]/g)].map(([, number]) => number));
    expect(new Set(cited)).toEqual(new Set(notes));
  });

  it("says yes to no model that the repository does not have", () => {
    const verified = rowsOf("model").filter(([, , , , answer]) => answer === "yes");
    expect(verified.length).toBeGreaterThan(0);
    for (const [model = ""] of verified) expect(existsSync(join(root, model)), model).toBe(true);
  });

  it.each([
    ["vllm", "vLLM", /^vllm serve (\S+) /],
    ["sglang", "SGLang", /^python -m sglang\.launch_server --model-path (\S+) /],
  ])("starts %s with what the page of engines says that it must have", (info, engine, command) => {
    const must = new RegExp(`^- ${engine}: \`(--[a-z-]+)\``, "m").exec(engines)?.[1];
    expect(must).toBeDefined();
    const models = rowsOf("model").map(([model]) => model);
    const lines = linesOf(info);
    expect(lines.length).toBeGreaterThan(3);
    for (const line of lines) {
      expect(models).toContain(command.exec(line)?.[1]);
      expect(line.split(" ")).toContain(must);
    }
  });

  it("starts the same models on both", () => {
    const models = (info: string) => linesOf(info).map((line) => /[\w-]+\/[\w.-]+/.exec(line)?.[0]);
    expect(models("sglang")).toEqual(models("vllm"));
  });

  it("shows commands that the command line takes, with dialects that there are", () => {
    const lines = linesOf("client");
    expect(lines.length).toBeGreaterThan(3);
    for (const line of lines) {
      const [program, name = "", ...args] = [...line.matchAll(/"([^"]*)"|(\S+)/g)].map(([, a, b]) => a ?? b ?? "");
      expect(program).toBe("threadweaver");
      if (name === "probe") {
        parse(name, commands.probe, args);
        continue;
      }
      const parsed = parse(name, commands.run, args);
      if (parsed.help) throw new Error(line);
      expect(Object.keys(dialects)).toContain(parsed.flags.dialect);
    }
  });

  it("links to files that are there", () => {
    const links = [...page.matchAll(/\]\(((?!https?:)[^)#]+)/g)].map((match) => match[1] ?? "");
    for (const link of links) expect(existsSync(join(root, "docs", link)), link).toBe(true);
  });

  it("fits into 100 columns, apart from tables and commands", () => {
    const text = page.replaceAll(/^```[^]*?^```$/gm, "").split("\n");
    expect(text.filter((line) => line.length > 100 && !line.startsWith("|"))).toEqual([]);
  });
});
