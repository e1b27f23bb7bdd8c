import { afterAll, describe, expect, it } from "vitest";
import { commands } from "../src/cli/flags/commands.ts";
import { parse } from "../src/cli/flags/parse.ts";
import { checkFork, type ForkBranch, type ForkOptions } from "../src/run/fork/options.ts";
import { createExampleFolder, fencesOf, readPage, runExample } from "./page-fences.ts";

const page = readPage("docs/fork.md");
const fences = (kind: string) => fencesOf(page).filter(({ info }) => info === kind);
const section = (title: string): string => page.split("\n## ").find((part) => part.startsWith(title)) ?? "";

/** The names that an error says there are. */
function known(check: () => void): string[] {
  try {
    check();
  } catch (error) {
    return /\(there are (.*)\)/.exec(String(error))?.[1]?.split(", ") ?? [];
  }
  return [];
}

describe("the page of forks", () => {
  const { path: folder, remove } = createExampleFolder();
  afterAll(remove);

  it.each(fences("ts"))("runs and prints what it says: $output", async ({ code, output }) => {
    expect(await runExample(folder, code)).toBe(output);
  });

  it("names every field of a branch", () => {
    const fields = known(() => checkFork([{ ask: "?", unknown: 1 } as ForkBranch], {}));
    expect(fields).toContain("maxTokens");
    for (const field of fields) expect(section("Branches"), field).toMatch(new RegExp(`\`(\\{ )?${field}( \\})?\``));
  });

  it("names every option that a run does not have, and those of a run that a fork lacks", () => {
    const options = known(() => checkFork([{ ask: "?" }], { unknown: 1 } as ForkOptions));
    expect(options).toContain("join");
    expect(section("Options")).toContain("`join`");
    for (const missing of ["mode", "maxThreads", "maxForks", "maxDepth", "answer", "equal"]) {
      expect(options).not.toContain(missing);
      expect(section("Options")).toContain(`\`${missing}\``);
    }
  });

  it("shows commands that are understood, and branches that can be run", () => {
    const [shown] = fences("sh");
    for (const line of shown?.code.trim().split("\n") ?? []) {
      const words = [...line.matchAll(/"([^"]*)"|\S+/g)].map(([word, quoted]) => quoted ?? word);
      expect(parse("fork", commands.fork, words.slice(2)).help).toBe(false);
    }
    const lines = fences("json").flatMap(({ code }) => code.trim().split("\n"));
    const { branches } = checkFork(
      lines.map((line) => JSON.parse(line) as ForkBranch),
      {},
    );
    expect(branches.map(({ name }) => name)).toEqual(["parties", "end"]);
  });

  it("has lines that fit a terminal", () => {
    for (const line of page.split("\n")) expect(line.length, line).toBeLessThanOrEqual(100);
  });
});
