import { afterAll, describe, expect, it } from "vitest";
import { createExampleFolder, fencesOf, readPage, runExample } from "./page-fences.ts";

describe.each(["docs/training.md", "docs/trajectories.md", "docs/loop.md", "docs/ai-sdk.md", "docs/telemetry.md"])(
  "the page %s",
  (name) => {
    const page = readPage(name);
    const { path: folder, remove } = createExampleFolder();
    afterAll(remove);

    it("has examples that run and print what it says", { timeout: 60_000 }, async () => {
      const examples = fencesOf(page).filter(({ info }) => info === "ts");
      expect(examples.length).toBeGreaterThan(0);
      for (const { code, output } of examples) expect(await runExample(folder, code)).toBe(output);
    });

    it("has lines that fit a terminal", () => {
      for (const line of page.split("\n")) expect(line.length, line).toBeLessThanOrEqual(100);
    });
  },
);
