import { readFile } from "node:fs/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { threadweaver } from "../../src/core/dialects/bundled/index.ts";
import { deserializeTrie } from "../../src/core/trie/serialize.ts";
import { path } from "../../src/core/trie/path.ts";
import type { Engine } from "../../src/engine/engine.ts";
import { llamaEngine } from "../../src/llama/index.ts";
import { createRunner } from "../../src/run/runner.ts";
import type { ResultWithTree } from "../../src/run/result.ts";

interface Transcript {
  terms: [number, number][];
  prompt: string;
  threads: string[];
  text: string;
}

const fixture = new URL("../fixtures/reference-transcripts.json", import.meta.url);
const transcripts = JSON.parse(await readFile(fixture, "utf8")) as Transcript[];
const eosText = "</s>";

/** Decode steps of the authors' protocol for problems of 2, 3 and 4 terms, from the model's card. */
const speedUps: Record<number, number> = { 2: 1.506, 3: 1.756, 4: 1.911 };

describe("the 60 reference transcripts on the embedded engine", () => {
  let engine: Engine;
  beforeAll(async () => {
    engine = await llamaEngine({ model: new URL("../../models/forkjoin-arith-f16.gguf", import.meta.url).pathname });
  });
  afterAll(() => engine.close());

  const decode = async (mode: "fork-join" | "sequential"): Promise<ResultWithTree[]> => {
    const runner = createRunner({ engine, dialect: threadweaver });
    const results: ResultWithTree[] = [];
    for (const { prompt } of transcripts)
      results.push(await runner.run({ prompt }, { mode, temperature: 0, tree: true }).result);
    return results;
  };
  const idsOf = ({ tree }: ResultWithTree): number[] =>
    path(deserializeTrie(tree), tree.head).flatMap((p) => p.ids ?? []);
  const expectedIds = async ({ text }: Transcript): Promise<number[]> => [
    engine.tokenizer.bos ?? -1,
    ...(await engine.tokenizer.encode(text, { controls: "parse" })),
  ];

  const check = async (results: ResultWithTree[]): Promise<void> => {
    for (const [i, transcript] of transcripts.entries()) {
      const result = results[i] as ResultWithTree;
      expect(result.text).toBe(transcript.text.slice(transcript.prompt.length, -eosText.length));
      expect(idsOf(result)).toEqual(await expectedIds(transcript));
      expect(result.ending).toEqual({ kind: "eos" });
      expect(result.warnings).toEqual([]);
    }
  };

  it(
    "are reproduced token by token in both modes, on critical paths as short as the card says",
    { timeout: 300_000 },
    async () => {
      const forkJoin = await decode("fork-join");
      await check(forkJoin);
      const sequential = await decode("sequential");
      await check(sequential);
      for (const [terms, expected] of Object.entries(speedUps)) {
        const of = (results: ResultWithTree[]) =>
          results.filter((_, i) => transcripts[i]?.terms.length === Number(terms));
        const steps = (results: ResultWithTree[]) =>
          of(results).reduce((sum, { tokens }) => sum + tokens.criticalPath, 0);
        expect(steps(sequential) / steps(forkJoin)).toBeCloseTo(expected, 3);
        for (const { tokens } of of(sequential)) expect(tokens.criticalPath).toBe(tokens.generated);
      }
    },
  );
});
