import { describe, expect, it } from "vitest";
import { fitsBundledModel } from "../../src/cli/model-card.ts";
import { boxedAnswer, demoProblems, valueOf } from "../../src/cli/demo/problems.ts";
import { bundledEngine, cli } from "./support.ts";

describe("threadweaver demo", async () => {
  const engine = await bundledEngine();

  it("shows threads, text, the checked answer and what was gained, for 2, 3 and 4 terms", async () => {
    const { code, stdout, stderr } = await cli(["demo"], { engine });
    expect(code).toBe(0);
    expect(stdout.match(/The answer \d+ is right/g)).toHaveLength(3);
    expect(stdout.match(/^gain .*x$/gm)).toEqual([
      expect.stringContaining("1.51x"),
      expect.stringContaining("1.75x"),
      expect.stringContaining("1.91x"),
    ]);
    expect(stdout.match(/Both wrote the same text/g)).toHaveLength(3);
    expect(stdout).toContain("The answer 2974 is right: 64*27+14*89 = 2974.");
    expect(stdout).toContain("Seconds gain less than tokens here");
    // Side by side: the second thread's first line comes before the first one's last.
    expect(stderr.indexOf("     2 |")).toBeLessThan(stderr.indexOf("thread 1 ended"));
  });

  it("takes a problem", async () => {
    const { stdout } = await cli(["demo", "--problem", "12*34+56*78"], { engine });
    expect(stdout).toContain("The answer 4776 is right: 12*34+56*78 = 4776.");
  });

  it("draws a tree on a terminal", async () => {
    const { stderr } = await cli(["demo", "--problem", "12*34+56*78"], { engine, isTTY: true });
    expect(stderr).toMatch(/├─ 1 {2}running/);
    expect(stderr).toMatch(/└─ 2 threads joined/);
  });

  it.each(["64*27", "1*2+3*4", "64*27 + 14*89", "Q: 64*27+14*89"])("refuses %j", async (problem) => {
    const { code, stderr, opened } = await cli(["demo", "--problem", problem]);
    expect({ code, opened }).toEqual({ code: 2, opened: [] });
    expect(stderr).toContain("2 to 4 products");
  });
});

describe("the demo's problems", () => {
  it("are ones that the bundled model knows, also when drawn", () => {
    const seeds = Array.from({ length: 200 }, (_, seed) => seed);
    const drawn = seeds.flatMap((seed) => demoProblems({ problem: undefined, seed }));
    for (const problem of [...drawn, ...demoProblems({ problem: undefined, seed: undefined })]) {
      expect(fitsBundledModel(`Q: ${problem}\n`)).toBe(true);
    }
    expect(new Set(drawn).size).toBe(600);
  });

  it("are the same for the same seed", () => {
    expect(demoProblems({ problem: undefined, seed: 4 })).toEqual(demoProblems({ problem: undefined, seed: 4 }));
  });

  it("are checked by real arithmetic", () => {
    expect(valueOf("64*27+14*89")).toBe(2974);
    expect(valueOf("99*99+99*99+99*99+99*99")).toBe(39204);
  });

  it("have no answer where a text gives none", () => {
    expect(boxedAnswer("\n\\boxed{02974}")).toBe(2974);
    expect(boxedAnswer("2974")).toBeUndefined();
  });
});
