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

/** Half a minute of work, so only where it is asked for. */
const all = process.env["THREADWEAVER_ALL_REFERENCES"] === "1";

describe.skipIf(!haveBenchmarks || !all)("every two references of a benchmark", () => {
  it("differ, but for twelve pairs that the policy makes equal", { timeout: 600_000 }, () => {
    const equalPairs: string[] = [];
    let compared = 0;
    for (const benchmark of benchmarks) {
      const texts = [...new Set(references(benchmark))];
      // A tolerance makes many rounded references equal: it is not what is tested here.
      const policy = policies[benchmark.policy].tolerance.relative > 0 ? policies.math : policies[benchmark.policy];
      for (const [index, a] of texts.entries()) {
        for (const b of texts.slice(index + 1)) {
          compared += 1;
          if (equal(a, b, policy).equal && roughValue(a) !== roughValue(b)) equalPairs.push(`${a} | ${b}`);
        }
      }
    }
    console.log(`${compared} comparisons`);
    expect(equalPairs).toEqual([
      String.raw`\pi | 180^\circ`,
      "1,-2 | -2,1",
      "40_9 | 40",
      "(-2,1) | -2,1",
      String.raw`36 | \$36`,
      String.raw`\frac{1}{4} | \frac14`,
      String.raw`15 | 15\mbox{ cm}^2`,
      "$f(n)=n$ | $f(z)=z$",
      "1 | $f(x)=1$",
      String.raw`8 | $8 \%$`,
      "2,3,4 | 2,4,3",
      String.raw`$1/3$ | $\frac{1}{3}$`,
    ]);
  });
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
