import { afterAll, describe, expect, it } from "vitest";
import { commands } from "../src/cli/flags/commands.ts";
import { traceVersion } from "../src/trace/format.ts";
import { createExampleFolder, fencesOf, readPage, runExample } from "./page-fences.ts";

const page = readPage("docs/traces.md");

describe("the page of traces", () => {
  const { path: folder, remove } = createExampleFolder();
  afterAll(remove);

  it.each(fencesOf(page).filter(({ info }) => info === "ts"))("runs and prints what it says", async (fence) => {
    expect(await runExample(folder, fence.code)).toBe(fence.output);
  });

  it("shows the lines of this version", () => {
    const [format] = fencesOf(page).filter(({ info }) => info === "json");
    expect(format?.code.startsWith(`{"trace":${traceVersion},"content":"all",`)).toBe(true);
  });

  it("shows commands that there are", () => {
    const lines = fencesOf(page).flatMap(({ info, code }) => (info === "sh" ? code.trim().split("\n") : []));
    expect(lines.map((line) => line.split(" ")[1])).toEqual(["run", "trace", "resume"]);
    for (const line of lines) expect(Object.keys(commands)).toContain(line.split(" ")[1]);
  });

  it("has lines that fit a terminal", () => {
    const prose = page.replaceAll(/```json\n[^]*?```/g, "");
    for (const line of prose.split("\n")) expect(line.length, line).toBeLessThanOrEqual(100);
  });
});
