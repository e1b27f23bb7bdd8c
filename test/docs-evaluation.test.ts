import { afterAll, describe, expect, it } from "vitest";
import * as evaluation from "../src/eval/index.ts";
import { createExampleFolder, fencesOf, readPage, runExample } from "./page-fences.ts";

const page = readPage("docs/evaluation.md");
/** How evaluations are made stands on a page of its own. */
const pages = page + readPage("docs/evaluate.md");

describe("the page of evaluation", () => {
  const { path: folder, remove } = createExampleFolder();
  afterAll(remove);

  it.each(fencesOf(page).filter(({ info }) => info === "ts"))(
    "has examples that run and print what they say",
    async ({ code, output }) => {
      expect(await runExample(folder, code)).toBe(output);
    },
  );

  it("has every dataset, with its size and its policy", () => {
    const rows = [...page.matchAll(/^\| `(\w+)` +\| (\d+) +\|.*\| `(\w+)` +\|$/gm)].map((row) => row.slice(1));
    const { datasets } = evaluation;
    const expected = Object.entries(datasets).map(([name, { size, policy }]) => [name, String(size), policy]);
    expect(rows).toEqual([["bundled", "60", "default"], ...expected]);
    const flat = page.replaceAll(/\s+/g, " ");
    for (const { releases, licence } of Object.values(datasets)) {
      for (const release of releases) expect(flat).toContain(release);
      expect(flat).toContain(licence);
    }
  });

  it("names every function, and every number that a speed-up has", () => {
    const { problems, ...numbers } = evaluation.speedUp({ baseline: { a: [1] }, candidate: { a: [1] } });
    expect(problems).toBe(1);
    for (const name of [...Object.keys(evaluation), ...Object.keys(numbers)]) expect(pages).toContain(`\`${name}`);
  });

  it("has the defaults that there are", () => {
    const arms = (count: number) => {
      const arm = Object.fromEntries(Array.from({ length: count }, (_, i) => [i, [i + 1]]));
      return { baseline: arm, candidate: arm };
    };
    const methodOf = (count: number) => evaluation.speedUp(arms(count)).ratioOfMeans.interval?.method;
    expect(page).toContain("`t` (up to 40 problems)");
    expect([methodOf(40), methodOf(41)]).toEqual(["t", "percentile"]);
    const { draws } = evaluation.majorityAtK({ a: { answers: [1], reference: 1 } }, 1, { equal: Object.is });
    expect(page).toContain(`\`draws\` (${draws.toLocaleString("en")})`);
  });

  it("has lines that fit a terminal", () => {
    for (const line of page.split("\n")) expect(line.length, line).toBeLessThanOrEqual(100);
  });
});
