import { expect, it } from "vitest";
import { threadweaver } from "../../src/core/dialects/bundled/index.ts";
import { trajectoryOfResult } from "../../src/train/from-result.ts";
import { requireRatio } from "../../src/train/ratio.ts";
import { trainingUnits } from "../../src/train/units.ts";
import { Answers } from "../../src/trajectories/ask/answers.ts";
import { memoryJournal } from "../../src/trajectories/ask/journal.ts";
import { Spending } from "../../src/trajectories/ask/spending.ts";
import type { Outcome } from "../../src/trajectories/filter/outcome.ts";
import { generate } from "../../src/trajectories/making/generate.ts";
import { sampleProblem, type SampleWork } from "../../src/trajectories/sampling/sample.ts";
import { Sampler } from "../../src/trajectories/sampling/sampler.ts";
import { connect, isOld } from "./support.ts";

const known = { temperature: 0.8, topP: 1, topK: 0, minP: 0, repetitionPenalty: 1 };

it.skipIf(isOld)("a model's own right texts are kept, with runs that can be trained on by ratio", async () => {
  const engine = await connect();
  const sources = Array.from({ length: 12 }, (_, n) => {
    const [a, b, c, d] = [21 + n, 34 + 3 * n, 87 - 2 * n, 45 + n] as const;
    const question = `${a}*${b}+${c}*${d}`;
    return { id: `${n}`, question, reference: `${a * b + c * d}`, input: { prompt: `Q: ${question}\n` } };
  });
  const sampler = new Sampler(engine, threadweaver, new Answers(memoryJournal(), new Spending(undefined)));
  const outcomes: Outcome<SampleWork>[] = [];
  const made = await generate({
    sources,
    make: (source) => sampleProblem(source, sampler, { run: { ...known, logprobs: true }, tries: 4 }),
    onOutcome: (outcome) => outcomes.push(outcome),
  });
  expect(made).toMatchObject({ failed: 0, early: undefined });
  const kept = outcomes.flatMap((outcome) => outcome.kept);
  // Of 500 such problems on vLLM, 97 % gave a text.
  expect(kept.length).toBeGreaterThanOrEqual(9);
  for (const { kind, threads, gain } of kept)
    expect({ kind, threads, gain: gain > 0.2 }).toEqual({ kind: "parallel", threads: 2, gain: true });
  for (const { result } of outcomes.flatMap(({ work }) => work?.runs ?? [])) {
    const units = trainingUnits(trajectoryOfResult(result));
    expect(() => requireRatio(units)).not.toThrow();
    expect(units).toHaveLength(4);
  }
});
