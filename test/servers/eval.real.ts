import { expect, it } from "vitest";
import { threadweaver } from "../../src/core/dialects/bundled/index.ts";
import { evaluate } from "../../src/eval/evaluate.ts";
import { planEvaluation } from "../../src/eval/plan.ts";
import { protocolOf } from "../../src/eval/protocol/presets.ts";
import type { Sample, SampleFailure } from "../../src/eval/ledger/sample.ts";
import { summarize } from "../../src/eval/summary/summarize.ts";
import { connect, isOld, kind } from "./support.ts";

const problems = [
  { id: "two", question: "64*27+14*89", answer: "2974", fields: {} },
  { id: "three", question: "77*54+97*56+88*61", answer: "14958", fields: {} },
];

it.skipIf(isOld)(
  "an evaluation of all arms has every sample, with the speed-up in tokens that the model has",
  async () => {
    const engine = await connect();
    const evaluation = planEvaluation({
      dataset: { name: "sums", problems, policy: "default", known: false, skipped: [] },
      protocol: { ...protocolOf("greedy"), form: "raw", template: "Q: {question}\n" },
      arms: ["sequential", "one-pass", "fork-join", "threads-in-turn", "budget"],
      endpoints: [{ name: "default", engine, dialect: threadweaver }],
      seed: 1,
    });
    const samples: (Sample | SampleFailure)[] = [];
    await evaluate(evaluation, { onSample: (sample) => void samples.push(sample) });
    expect(samples.map(({ type }) => type)).toEqual(Array.from({ length: 10 }, () => "sample"));
    const { arms, pairs, header } = await summarize(evaluation.header, samples);
    expect(header.endpoints).toMatchObject([{ server: kind, version: expect.stringMatching(/^\d/), tier: "ids" }]);
    const of = (name: string) => arms.find((arm) => arm.name === name);
    for (const name of ["sequential", "one-pass", "fork-join", "threads-in-turn"])
      expect(of(name)?.accuracy?.value, name).toBe(1);
    expect(of("fork-join")?.tokens).toMatchObject({ generated: 461.5, criticalPath: 287.5 });
    expect(of("threads-in-turn")?.tokens?.criticalPath).toBe(of("fork-join")?.tokens?.criticalPath);
    expect(of("budget")?.budgetClosed?.share).toBe(1);
    const forked = pairs.find(({ candidate }) => candidate === "fork-join");
    expect(forked?.criticalPath.all?.ratioOfMeans.value).toBeCloseTo(1.65, 2);
  },
);
