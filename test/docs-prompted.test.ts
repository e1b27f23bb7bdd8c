import { existsSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { dialects } from "../src/core/dialects/bundled/index.ts";
import { readPage, root } from "./page-fences.ts";

const page = readPage("docs/prompted.md");

describe("the page of formats by prompt", () => {
  it("names every dialect that has instructions", () => {
    const prompted = Object.values(dialects).filter(({ instructions }) => instructions !== undefined);
    expect(prompted.map(({ name }) => name)).toEqual(["skeleton", "threadweaver-prompted", "asyncthink"]);
    for (const { name } of prompted) expect(page).toContain(`\`${name}\``);
  });

  it("says the limits that the dialect has", () => {
    const { limits, plan } = dialects["skeleton"] ?? {};
    expect(page).toContain(`A thread has at most ${limits?.threadTokens} tokens`);
    expect(plan).toMatchObject({ form: { items: [2, 5] } });
    expect(page).toContain("a plan of two to five");
  });

  it("links to files that are there, in lines that fit a terminal", () => {
    for (const [, link = ""] of page.matchAll(/\]\(((?!https?:)[^)#]+)/g)) {
      expect(existsSync(join(root, "docs", link)), link).toBe(true);
    }
    for (const line of page.split("\n")) expect(line.length, line).toBeLessThanOrEqual(100);
  });
});
