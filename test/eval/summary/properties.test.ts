import fc from "fast-check";
import { expect, it } from "vitest";
import type { Sample } from "../../../src/eval/ledger/sample.ts";
import { summarize } from "../../../src/eval/summary/summarize.ts";
import type { Summary } from "../../../src/eval/summary/summary.ts";
import { failureWith, headerWith, sampleWith } from "../ledgers.ts";

const names = ["p1", "p2", "10", "9", "__proto__", "constructor"];
const arms = ["sequential", "fork-join"];

/** Ledgers of up to 48 samples, in any order. */
const ledger: fc.Arbitrary<Sample[]> = fc.uniqueArray(
  fc
    .record({
      arm: fc.constantFrom(...arms),
      problem: fc.constantFrom(...names),
      sample: fc.nat(3),
      answer: fc.constantFrom("1", "1.0", "2", "x", null),
      ms: fc.integer({ min: 1, max: 10_000 }),
      criticalPath: fc.nat(500),
      extra: fc.nat(200),
      found: fc.constantFrom("there is no box", "__proto__"),
    })
    .map(({ criticalPath, extra, ...given }) =>
      sampleWith({
        ...given,
        score: given.answer?.startsWith("1") === true ? 1 : 0,
        tokens: { criticalPath, generated: criticalPath + extra },
      }),
    ),
  { selector: ({ arm, problem, sample }) => `${arm} ${problem} ${sample}`, maxLength: 48 },
);
const header = headerWith({ samples: 4 });

/** Sums of fractions may differ in their last digit. */
function rounded(summary: Summary): unknown {
  const text = JSON.stringify(summary, (_, value: unknown) =>
    typeof value === "number" ? Number(value.toPrecision(12)) : value,
  );
  return JSON.parse(text);
}

it("the order of the lines changes no number", async () => {
  await fc.assert(
    fc.asyncProperty(
      ledger.chain((lines) =>
        fc.tuple(fc.constant(lines), fc.shuffledSubarray(lines, { minLength: lines.length, maxLength: lines.length })),
      ),
      async ([lines, shuffled]) => {
        expect(rounded(await summarize(header, shuffled))).toEqual(rounded(await summarize(header, lines)));
      },
    ),
    { numRuns: 60 },
  );
});

it("maj@1 is the accuracy, whatever the scores are and the policy takes for equal", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.tuple(fc.constantFrom("98.5", "99.2", "100", "100.9", "101.8", null), fc.constantFrom(0, 1)), {
        minLength: 1,
        maxLength: 12,
      }),
      async (answers) => {
        const lines = answers.map(([answer, score], sample) =>
          sampleWith({ sample, answer, score: answer === null ? 0 : score }),
        );
        const { arms } = await summarize(headerWith({ samples: 12 }), lines, { policyOf: () => "minerva" });
        expect(arms[0]?.ofSamples[0]?.majority.value).toBeCloseTo(arms[0]?.accuracy?.value ?? Number.NaN, 12);
      },
    ),
    { numRuns: 60 },
  );
});

it("a failure changes nothing but the number of failures", async () => {
  await fc.assert(
    fc.asyncProperty(ledger, fc.constantFrom(...names), fc.nat(3), fc.nat(48), async (lines, problem, sample, at) => {
      const failure = failureWith({ problem, sample });
      const whole = await summarize(header, lines);
      const { arms: after, pairs } = await summarize(header, [...lines.slice(0, at), failure, ...lines.slice(at)]);
      const made = lines.some(
        (line) => line.arm === "sequential" && line.problem === problem && line.sample === sample,
      );
      const [first, ...others] = whole.arms;
      const counted = made ? { recovered: 1 } : { failures: { engine_failed: 1 } };
      expect(after).toEqual([{ ...first, ...counted }, ...others]);
      expect(pairs).toEqual(whole.pairs);
    }),
    { numRuns: 60 },
  );
});

it("a stream gives the same numbers as a list", async () => {
  await fc.assert(
    fc.asyncProperty(ledger, async (lines) => {
      async function* stream(): AsyncGenerator<Sample> {
        yield* lines;
      }
      expect(await summarize(header, stream())).toEqual(await summarize(header, lines));
    }),
    { numRuns: 20 },
  );
});

it("every problem is in a pair or named as left out of it", async () => {
  await fc.assert(
    fc.asyncProperty(ledger, async (lines) => {
      const { pairs } = await summarize(header, lines);
      for (const { problems, onlyBaseline, onlyCandidate } of pairs) {
        const all = new Set(lines.map(({ problem }) => problem));
        expect(problems + onlyBaseline.length + onlyCandidate.length).toBe(all.size);
      }
    }),
    { numRuns: 60 },
  );
});
