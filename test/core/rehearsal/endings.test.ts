import { describe, expect, it } from "vitest";
import { asyncthink, dcCot, dialects } from "../../../src/core/dialects/bundled/index.ts";
import { defineDialect } from "../../../src/core/dialects/dialect.ts";
import { rehearseEndings } from "../../../src/core/rehearsal/endings.ts";

describe("models that write anything", () => {
  it.each(Object.values(dialects))("bring every run of $name to its end, and start threads", (dialect) => {
    const found = rehearseEndings(dialect, { runs: 150 });
    expect(found.problem).toBeUndefined();
    expect(found.forks).toBeGreaterThan(20);
    expect(found.threads).toBeGreaterThanOrEqual(found.forks);
    expect(found.calls).toBeGreaterThan(3);
  });

  it("are the same for the same seed", () => {
    const once = (seed: number) => rehearseEndings(dcCot, { runs: 40, seed });
    expect(once(7)).toEqual(once(7));
    expect(once(7)).not.toEqual(once(8));
  });

  it("find a function that throws, and the script that repeats it", () => {
    const functions = {
      returned: () => {
        throw new Error("no such tag");
      },
    };
    const { problem } = rehearseEndings({ ...asyncthink, functions }, { runs: 500 });
    expect(problem?.message).toBe("the function returned of dialect asyncthink threw: no such tag");
    expect(rehearseEndings({ ...asyncthink, functions }, { runs: 1, seed: problem?.seed ?? -1 }).problem).toEqual(
      problem,
    );
  });

  it("take no long time for forks of many threads", () => {
    const wide = defineDialect({
      ...dcCot,
      plan: { source: "fixed", count: 1024 },
      limits: { forks: 1000, threads: 1024 },
    });
    const { problem, threads, forks } = rehearseEndings(wide, { runs: 20 });
    expect(problem).toBeUndefined();
    expect(threads).toBe(forks * 1024);
  });
});
