import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { threadweaver } from "../../src/core/dialects/bundled/index.ts";
import type { Engine } from "../../src/engine/engine.ts";
import { bundledModel, llamaEngine } from "../../src/llama/index.ts";
import { createRunner } from "../../src/run/runner.ts";
import type { ResultWithTree } from "../../src/run/result.ts";
import { flatten } from "../../src/train/flat/flatten.ts";
import { trajectoryOfResult } from "../../src/train/from-result.ts";
import { trajectoryOfText } from "../../src/train/text/parse.ts";
import { trainingUnits, type TrainingUnit } from "../../src/train/units.ts";
import { transcripts } from "../core/transcripts.ts";

/** The end of sequence, which no text shows. */
const eos = 257;

describe("the product's own runs of the 60 reference problems", () => {
  let engine: Engine;
  const results: ResultWithTree[] = [];
  beforeAll(async () => {
    engine = await llamaEngine({ model: bundledModel });
    const runner = createRunner({ engine, dialect: threadweaver });
    for (const { prompt } of transcripts)
      results.push(await runner.run({ prompt }, { temperature: 0, tree: true }).result);
  }, 300_000);
  afterAll(() => engine.close());

  const perProblem = (terms: number, count: (result: ResultWithTree) => number): number => {
    const chosen = results.filter((_, i) => transcripts[i]?.terms.length === terms);
    expect(chosen).toHaveLength(20);
    return chosen.reduce((sum, result) => sum + count(result), 0) / chosen.length;
  };
  const unitsOf = (result: ResultWithTree): TrainingUnit[] => trainingUnits(trajectoryOfResult(result));
  const targets = (result: ResultWithTree) => unitsOf(result).reduce((sum, unit) => sum + unit.responseIds.length, 0);
  const inRows = (result: ResultWithTree) =>
    unitsOf(result).reduce((sum, { promptIds, responseIds }) => sum + promptIds.length + responseIds.length, 0);
  const tokens = (layout: "trie" | "spliced") => (result: ResultWithTree) =>
    flatten(trajectoryOfResult(result), { layout }).ids.length;

  it("have so many targets a problem, ends of sequence included, and so many tokens in each layout", () => {
    const counted = [2, 3, 4].map((terms) => [
      perProblem(terms, targets),
      perProblem(terms, inRows),
      perProblem(terms, tokens("trie")),
      perProblem(terms, tokens("spliced")),
    ]);
    expect(counted).toEqual([
      [365.05, 837.05, 512.05, 628.05],
      [557.25, 1300.25, 835.25, 951.25],
      [749.6, 1799.6, 1158.6, 1274.6],
    ]);
    for (const result of results) {
      expect(targets(result)).toBe(result.tokens.generated);
      expect(unitsOf(result).at(-1)?.responseIds.at(-1)).toBe(eos);
    }
  });

  it("have the ids that their finished texts have", { timeout: 120_000 }, async () => {
    const { bos, eos: ends } = engine.tokenizer;
    const encode = (text: string) => engine.tokenizer.encode(text, { controls: "parse" });
    const tokenizer = { bos, eos: ends, encode, decode: (ids: readonly number[]) => engine.tokenizer.decode(ids) };
    const ids = (units: readonly TrainingUnit[]) => units.map(({ promptIds, responseIds }) => [promptIds, responseIds]);
    for (const [i, result] of results.entries()) {
      const prompt = transcripts[i]?.prompt ?? "";
      const parsed = await trajectoryOfText(result.text, { dialect: threadweaver, tokenizer, prompt });
      expect(ids(trainingUnits(parsed))).toEqual(ids(unitsOf(result)));
    }
  });
});
