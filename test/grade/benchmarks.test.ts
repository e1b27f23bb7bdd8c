import { describe, expect, it } from "vitest";
import { equal, policies } from "../../src/grade/index.ts";
import { benchmarks, haveBenchmarks, references } from "./benchmarks.ts";
import { restyled, roughValue } from "./restyle.ts";

describe.skipIf(!haveBenchmarks)("the references of the benchmarks", () => {
  const counts: string[] = [];

  it.each(benchmarks)(
    "of $file equal themselves and their restyling, and differ from the next one of another value",
    (benchmark) => {
      const all = references(benchmark);
      expect(all).toHaveLength(benchmark.rows);
      const wrong: string[] = [];
      let changed = 0;
      for (const [index, reference] of all.entries()) {
        const style = restyled(reference);
        const next = nextOther(all, index, policies[benchmark.policy].tolerance.relative);
        if (style !== `${reference} .`) changed += 1;
        if (!equal(reference, reference, benchmark.policy).equal) wrong.push(`not itself: ${reference}`);
        const same = equal(reference, style, benchmark.policy);
        if (!same.equal) wrong.push(`not its restyling: ${reference} | ${style} | ${same.rule}`);
        const other = equal(reference, next, benchmark.policy);
        if (other.equal) wrong.push(`not another: ${reference} | ${next} | ${other.rule}`);
      }
      counts.push(`${benchmark.file}: ${all.length} references, ${all.length * 3} checks, ${wrong.length} wrong`);
      console.log(counts.at(-1));
      expect(wrong).toEqual([]);
      expect(changed).toBeGreaterThan(all.length / 2);
    },
  );
});

/** The next reference of another value: of numbers, one that is further away than the policy forgives. */
function nextOther(all: readonly string[], index: number, relative: number): string {
  const own = roughValue(all[index] ?? "");
  for (let step = 1; step < all.length; step += 1) {
    const other = all[(index + step) % all.length] ?? "";
    const found = roughValue(other);
    const distance = Math.abs(Number(own) - Number(found)) / Math.abs(Number(own));
    if (found !== own && !(distance <= relative)) return other;
  }
  throw new Error("all references have one value");
}
