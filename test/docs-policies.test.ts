import { afterAll, describe, expect, it } from "vitest";
import { commands } from "../src/cli/flags/commands.ts";
import { parse } from "../src/cli/flags/parse.ts";
import { policyNames } from "../src/core/policies/bundled/index.ts";
import { confidence, stragglers } from "../src/run/policies/index.ts";
import { createExampleFolder, fencesOf, readPage, runExample } from "./page-fences.ts";

const page = readPage("docs/policies.md");
const fences = (kind: string) => fencesOf(page).filter(({ info }) => info === kind);

/** The rows of the table of a section. */
const tableOf = (title: string): string[] =>
  (page.split(title)[1]?.split("\n## ")[0] ?? "").split("\n").filter((line) => line.startsWith("| `"));

describe("the page of attempts and policies", () => {
  const { path: folder, remove } = createExampleFolder();
  afterAll(remove);

  it.each(fences("ts"))("runs and prints what it says: $output", async ({ code, output }) => {
    expect(await runExample(folder, code)).toBe(output);
  });

  it("has a policy of one's own that decides", async () => {
    const [own] = fences("ts own-policy");
    const uses = `
const some = { hasBegun: true, isDone: false, ending: undefined };
const siblings = [{ ...some, ending: { kind: "eos" }, isDone: true, tokens: 10 }, { ...some, tokens: 21 }, { ...some, tokens: 20 }];
console.log(twiceTheShortest.decide({ siblings } as never)?.cut?.map(({ tokens }) => tokens));`;
    expect(await runExample(folder, `${own?.code}${uses}`)).toBe("[ 21 ]\n");
  });

  it("names every policy and its defaults", () => {
    const rows = tableOf("## Policies\n");
    expect(rows.map((row) => /`(\w+)\(/.exec(row)?.[1])).toEqual(policyNames);
    const { warmups, window, percentile, topLogprobs } = confidence().options ?? {};
    for (const [name, value] of Object.entries({ warmups, window, percentile, topLogprobs })) {
      expect(page).toContain(`\`${name}\` (${value})`);
    }
    expect(page).toContain(`\`factor\` (${stragglers().options?.["factor"]})`);
  });

  it("says which of them are for parts of the work", () => {
    const forParts = tableOf("## Policies\n")
      .filter((line) => line.endsWith("| yes   |"))
      .map((row) => /`(\w+)\(/.exec(row)?.[1]);
    expect(forParts).toEqual(["all", "deadline", "criticalTokens", "stragglers"]);
  });

  it("shows a command that is understood", () => {
    const [shown] = fences("sh");
    const line = shown?.code.replaceAll("\\\n", " ").trim() ?? "";
    const words = [...line.matchAll(/"([^"]*)"|\S+/g)].map(([word, quoted]) => quoted ?? word);
    const flags = parse("run", commands.run, words.slice(2));
    expect(flags).toMatchObject({ help: false });
  });

  it("has lines that fit a terminal", () => {
    for (const line of page.split("\n")) expect(line.length, line).toBeLessThanOrEqual(100);
  });
});
