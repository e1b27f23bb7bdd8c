import { afterAll, describe, expect, it } from "vitest";
import { commands } from "../src/cli/flags/commands.ts";
import { parse } from "../src/cli/flags/parse.ts";
import { problemsOf } from "../src/cli/batch/problems.ts";
import { checkBatch } from "../src/run/batch/options.ts";
import { createExampleFolder, fencesOf, readPage, runExample } from "./page-fences.ts";

const page = readPage("docs/batches.md");
const fences = (kind: string) => fencesOf(page).filter(({ info }) => info === kind);

describe("the page of batches", () => {
  const { path: folder, remove } = createExampleFolder();
  afterAll(remove);

  it.each(fences("ts"))("runs and prints what it says", async (fence) => {
    expect(await runExample(folder, fence.code)).toBe(fence.output);
  });

  it("shows commands that are understood, and names every flag of batches", () => {
    const lines = fences("sh").flatMap(({ code }) => code.trim().split("\n"));
    expect(lines.length).toBeGreaterThan(1);
    for (const line of lines) expect(parse("run", commands.run, line.split(" ").slice(2)).help).toBe(false);
    for (const flag of ["input", "output", "resume", "samples", "concurrency", "requests", "stop-after", "grace"]) {
      expect(Object.keys(commands.run.flags)).toContain(flag);
      expect(page).toContain(`--${flag}`);
    }
  });

  it("shows problems that can be run", async () => {
    async function* chunks() {
      for (const { code } of fences("json")) yield code;
    }
    let count = 0;
    for await (const problem of problemsOf(chunks())) {
      expect(problem.mistake).toBeUndefined();
      count += 1;
    }
    expect(count).toBe(3);
  });

  it("names every option that only a batch has", () => {
    const { run: _run, ...own } = checkBatch({});
    expect(Object.keys(own).length).toBeGreaterThan(6);
    for (const option of Object.keys(own)) expect(page).toContain(`\`${option}\``);
  });

  it("has lines that fit a terminal", () => {
    const prose = page.replaceAll(/```(json|sh)\n[^]*?```/g, "");
    for (const line of prose.split("\n")) expect(line.length, line).toBeLessThanOrEqual(100);
  });
});
