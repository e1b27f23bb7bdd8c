import { describe, expect, it } from "vitest";
import { compareSummaries } from "../../../src/eval/compare/compare.ts";
import { comparisonMarkdown } from "../../../src/eval/compare/markdown.ts";
import { summarize } from "../../../src/eval/summary/summarize.ts";
import { headerWith, sampleWith, small } from "../ledgers.ts";
import { hostile, hostileLedger } from "../report/hostile.ts";
import { elementsOf, parseHtml, renderMarkdown } from "../report/parsers.ts";

const faster = small.map((sample) => ({
  ...sample,
  score: 1 as const,
  tokens: { ...sample.tokens, criticalPath: sample.tokens.criticalPath / 2 },
}));

describe("two evaluations", () => {
  it("of the same settings differ in nothing, whenever they were made", async () => {
    const a = await summarize(headerWith(), small);
    const b = await summarize(headerWith({ created: "2027-01-01T00:00:00.000Z" }), small);
    expect(compareSummaries(a, b)).toMatchObject({ settings: [], sameProblems: true });
  });

  it("say field by field what differs, whatever the order of arms and endpoints", async () => {
    const plain = headerWith();
    const [endpoint] = plain.endpoints;
    const other = headerWith({
      seed: 8,
      protocol: { ...plain.protocol, sampling: { temperature: 1, topP: 0.95 }, limit: undefined },
      arms: plain.arms.toReversed(),
      endpoints: [{ ...(endpoint as NonNullable<typeof endpoint>), version: "0.33.0" }],
      dataset: { ...plain.dataset, digest: "ef".repeat(32) },
    });
    const { settings, sameProblems } = compareSummaries(await summarize(plain, []), await summarize(other, []));
    expect(sameProblems).toBe(false);
    expect(settings).toEqual([
      { field: "dataset.digest", a: "cd".repeat(32), b: "ef".repeat(32) },
      { field: "endpoints.default.version", a: "0.32.0", b: "0.33.0" },
      { field: "protocol.limit.of", a: "critical-path", b: undefined },
      { field: "protocol.limit.tokens", a: 40_960, b: undefined },
      { field: "protocol.sampling.temperature", a: 0.6, b: 1 },
      { field: "seed", a: 7, b: 8 },
    ]);
  });

  it("are paired arm by arm: B's accuracy less A's, and how much faster B is", async () => {
    const a = await summarize(headerWith(), small);
    const { arms, pairs } = compareSummaries(a, await summarize(headerWith(), faster));
    expect(arms.shared.map(({ name, ...sides }) => [name, sides.a.accuracy?.value, sides.b.accuracy?.value])).toEqual([
      ["sequential", 0.75, 1],
      ["fork-join", 0.5, 1],
    ]);
    expect(pairs.map(({ candidate, difference }) => [candidate, difference?.value])).toEqual([
      ["sequential", 0.25],
      ["fork-join", 0.5],
    ]);
    expect(pairs.map(({ criticalPath }) => criticalPath.all?.ratioOfMeans.value)).toEqual([2, 2]);
  });

  it("name the arms and the problems that only one has", async () => {
    const plain = headerWith();
    const a = await summarize(plain, [sampleWith({ problem: "a" }), sampleWith({ problem: "both" })]);
    const arms = plain.arms.map((arm) => (arm.name === "fork-join" ? { ...arm, name: "budget" } : arm));
    const b = await summarize(headerWith({ arms }), [sampleWith({ problem: "both" }), sampleWith({ problem: "b" })]);
    const comparison = compareSummaries(a, b);
    expect(comparison.arms).toMatchObject({ onlyA: ["fork-join"], onlyB: ["budget"] });
    expect(comparison.pairs).toMatchObject([{ problems: 1, onlyBaseline: ["a"], onlyCandidate: ["b"] }]);
  });

  it("are plain JSON", async () => {
    const comparison = compareSummaries(await summarize(headerWith(), small), await summarize(headerWith(), faster));
    expect(JSON.parse(JSON.stringify(comparison))).toEqual(comparison);
  });

  it("are not compared by a method that needs single samples", async () => {
    const summary = await summarize(headerWith(), small);
    expect(() => compareSummaries(summary, summary, { method: "two-stage" as "t" })).toThrow(
      'intervals.method is "two-stage"',
    );
  });
});

describe("a comparison in Markdown", () => {
  it("has the differences, both sides of each arm, and B against A", async () => {
    const a = await summarize(headerWith(), small);
    const text = comparisonMarkdown(compareSummaries(a, await summarize(headerWith({ seed: 8 }), faster)));
    expect(text).toContain("| seed | 7 | 8 |");
    expect(text).toMatch(/\| sequential \| A \| 2 \| 4 \| 75\.0 %/);
    expect(text).toMatch(/\| sequential \| critical-path tokens \| all \| 2\.00 \(/);
  });

  it("warns where the problems are not the same", async () => {
    const dataset = { ...headerWith().dataset, digest: "other" };
    const [a, b] = [await summarize(headerWith(), small), await summarize(headerWith({ dataset }), small)];
    expect(comparisonMarkdown(compareSummaries(a, b))).toContain("The problems are not the same ones");
    expect(comparisonMarkdown(compareSummaries(a, a))).not.toContain("The problems are not the same ones");
  });

  it("says where no arm is shared", async () => {
    const arms = [{ name: "other", kind: "one-pass" as const, endpoint: "default" }];
    const [a, b] = [await summarize(headerWith(), []), await summarize(headerWith({ arms }), [])];
    expect(comparisonMarkdown(compareSummaries(a, b))).toContain("No arm is in both, so nothing can be compared.");
  });

  it.each(hostile)("keeps hostile text in every field text: %j", async (text) => {
    const elements = async (given: string): Promise<string[]> => {
      const { header, samples } = hostileLedger(given);
      const a = await summarize(header, samples);
      const b = await summarize({ ...header, dialect: `other ${given}`, arms: header.arms.slice(0, 1) }, []);
      const page = renderMarkdown(comparisonMarkdown(compareSummaries(a, b)));
      return elementsOf(parseHtml(page)).map(({ nodeName }) => nodeName);
    };
    expect(await elements(text)).toEqual(await elements("harmless"));
  });
});
