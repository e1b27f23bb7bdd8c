import { afterAll, describe, expect, it } from "vitest";
import { commands } from "../src/cli/flags/commands.ts";
import { armKinds, protocols } from "../src/eval/index.ts";
import { createExampleFolder, fencesOf, readPage, runExample } from "./page-fences.ts";

const page = readPage("docs/evaluate.md");

describe("the page of evaluations", () => {
  const { path: folder, remove } = createExampleFolder();
  afterAll(remove);

  it.each(fencesOf(page).filter(({ info }) => info === "ts"))(
    "has an example that runs and prints what it says",
    async ({ code, output }) => {
      expect(await runExample(folder, code)).toBe(output);
    },
  );

  it("has every arm", () => {
    const named = [...page.matchAll(/^\| `([\w-]+?)(?:-N)?` +\| [^|]*\|$/gm)].map(([, name]) => name);
    expect(named).toEqual(Object.keys(armKinds));
  });

  it("has every protocol, with its samples, its sampling and its limit", () => {
    const rows = [...page.matchAll(/^\| `([\w-]+)` +\| (\d+) +\| (.+?) +\| (.+?) +\|$/gm)].map((row) => row.slice(1));
    const words = { "critical-path": "of the critical path", total: "in total", thread: "of each thread" };
    const expected = Object.values(protocols).map(({ name, samples, sampling: { temperature, topP, topK }, limit }) => [
      name,
      `${samples}`,
      temperature === undefined
        ? "the server's"
        : [temperature, topP && `top-p ${topP}`, topK && `top-k ${topK.toLocaleString("en")}`]
            .filter((x) => x !== undefined)
            .join(", "),
      limit === undefined ? "the context" : `${limit.tokens.toLocaleString("en")} ${words[limit.of]}`,
    ]);
    expect(rows).toEqual(expected);
  });

  it("names only flags that there are", () => {
    const flags = [...page.matchAll(/--([a-z][a-z-]+)/g)].map(([, name]) => name ?? "");
    const known = { ...commands.eval.flags, ...commands.verify.flags };
    expect(flags.length).toBeGreaterThan(20);
    for (const flag of flags) expect(Object.keys(known), flag).toContain(flag);
  });

  it("has lines that fit a terminal", () => {
    for (const line of page.split("\n")) expect(line.length, line).toBeLessThanOrEqual(100);
  });
});
