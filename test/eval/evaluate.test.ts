import { setImmediate as turn } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { threadweaver } from "../../src/core/dialects/bundled/index.ts";
import type { Dialect } from "../../src/core/dialects/schema.ts";
import type { Engine } from "../../src/engine/engine.ts";
import { evaluate } from "../../src/eval/evaluate.ts";
import { hasCutThread, type Sample, type SampleFailure } from "../../src/eval/ledger/sample.ts";
import { unitsOf, type EvaluationOptions } from "../../src/eval/plan.ts";
import { openBench, planOf, protocol, solve, type Bench } from "./support.ts";

async function samplesOf(bench: Bench, changes: Partial<EvaluationOptions>): Promise<(Sample | SampleFailure)[]> {
  const samples: (Sample | SampleFailure)[] = [];
  await evaluate(planOf(bench.endpoint, changes), { onSample: (sample) => void samples.push(sample) });
  return samples;
}

const good = (samples: readonly (Sample | SampleFailure)[]): Sample[] =>
  samples.filter((sample): sample is Sample => sample.type === "sample");

describe("an evaluation", () => {
  it("answers every problem by every arm, with one seed for all arms of a sample", async () => {
    await using bench = await openBench();
    const samples = await samplesOf(bench, {
      arms: ["sequential", "one-pass", "fork-join", "threads-in-turn", "attempts-3:quorum:2", "budget"],
      protocol: { ...protocol, samples: 2, sampling: { temperature: 1 } },
    });
    expect(samples).toHaveLength(6 * 3 * 2);
    const bySample = Map.groupBy(samples, ({ problem, sample }) => `${problem}#${sample}`);
    for (const own of bySample.values()) expect(new Set(own.map(({ seed }) => seed)).size).toBe(1);
    expect(new Set(samples.map(({ seed }) => seed)).size).toBe(6);
    for (const { problem, score, answer } of good(samples)) {
      expect({ problem, score, answer }).toEqual({
        problem,
        score: problem === "wrong" ? 0 : 1,
        answer: { a: "26", b: "74", wrong: "37" }[problem],
      });
    }
  });

  it("measures what ran side by side, and what would have been waited for", async () => {
    await using bench = await openBench();
    const samples = good(await samplesOf(bench, { arms: ["one-pass", "fork-join", "threads-in-turn", "sequential"] }));
    const of = (arm: string): Sample | undefined => samples.find((one) => one.arm === arm && one.problem === "a");
    const [forked, inTurn, onePass] = [of("fork-join"), of("threads-in-turn"), of("one-pass")];
    expect(forked).toMatchObject({
      threads: 2,
      forks: 1,
      wellFormed: true,
      early: {},
      ending: "eos",
      truncated: false,
    });
    const { criticalPath, generated, inThreads } = forked?.tokens ?? { criticalPath: 0, generated: 0, inThreads: 0 };
    expect(criticalPath).toBeLessThan(generated);
    expect(inThreads).toBeGreaterThan(generated - criticalPath);
    // Main waits for the slower of its two threads, and no longer than all of it took.
    const { worked, waited, main = 0 } = forked?.threadMs ?? { worked: 0, waited: 0 };
    expect(main).toBeCloseTo((worked + waited) / 2);
    expect(main).toBeLessThanOrEqual(forked?.ms ?? 0);
    expect(of("sequential")?.threadMs.main).toBe(0);
    // The same texts, so the same tokens; only the time differs.
    expect(inTurn?.tokens).toEqual({ ...forked?.tokens, cached: inTurn?.tokens.cached });
    expect(inTurn?.text).toBe(forked?.text);
    expect(onePass).toMatchObject({ threads: 0, forks: 0, wellFormed: true });
    expect(onePass?.tokens.criticalPath).toBe(onePass?.tokens.generated);
    expect(of("sequential")?.wellFormed).toBeNull();
    expect(forked?.authorsAcceleration).toBeGreaterThan(0);
  });

  it.each([
    ["threads-in-turn", 1],
    ["fork-join", 2],
  ])("has of the arm %s at most %i calls under way", async (arm, most) => {
    let running = 0;
    let peak = 0;
    await using bench = await openBench(async (prompt) => {
      running += 1;
      peak = Math.max(peak, running);
      for (let turns = 0; turns < 50; turns += 1) await turn();
      running -= 1;
      return solve(prompt);
    });
    await samplesOf(bench, { arms: [arm] });
    expect(peak).toBe(most);
  });

  it("closes the arm budget at the critical path of the fork-join sample, and lets it answer", async () => {
    await using bench = await openBench((prompt) => (prompt.includes("\\boxed{") ? "26}" : solve(prompt)));
    const samples = good(await samplesOf(bench, { arms: ["budget", "fork-join"] }));
    const [forked, budget] = [samples[0], samples[1]];
    expect([forked?.arm, budget?.arm]).toEqual(["fork-join", "budget"]);
    expect(budget?.budget).toEqual({ tokens: forked?.tokens.criticalPath, closed: true });
    expect(budget?.text).toContain("The final answer is \\boxed{26}");
    expect(budget?.answer).toBe("26");
    expect(budget?.tokens.criticalPath).toBeGreaterThan(forked?.tokens.criticalPath ?? 0);
  });

  it("gives the arm budget one token where the fork-join sample had none", async () => {
    await using bench = await openBench();
    const made: (Sample | SampleFailure)[] = [];
    await evaluate(planOf(bench.endpoint, { arms: ["fork-join", "budget"] }), {
      earlier: { has: ({ arm }) => arm === "fork-join", criticalPathOf: () => 0 },
      onSample: (sample) => void made.push(sample),
    });
    const budget = { tokens: 1, closed: true };
    expect(good(made)).toMatchObject([{ budget }, { budget }, { budget }]);
  });

  it.each([
    ["by the protocol", { temperature: 0 }, {}],
    ["by the engine's default", {}, { samplingDefaults: { temperature: 0 } }],
  ])("refuses attempts that would all be the same %s, before anything is asked", async (_, sampling, defaults) => {
    await using bench = await openBench();
    const { engine } = bench.endpoint;
    const endpoint = { ...bench.endpoint, engine: Object.assign(Object.create(engine) as Engine, defaults) };
    const plan = (arm: string) => planOf(endpoint, { arms: [arm], protocol: { ...protocol, sampling } });
    expect(() => plan("attempts-3")).toThrow("All attempts of the arm attempts-3 would be the same at temperature 0");
    expect(plan("attempts-1").header.arms).toHaveLength(1);
  });

  it("names the sample whose options no run can take", async () => {
    await using bench = await openBench();
    const { engine } = bench.endpoint;
    const { name, model, contextTokens, tokenizer } = engine;
    const complete: Engine["complete"] = (request) => engine.complete(request);
    const idle: Engine = { name, model, contextTokens, tokenizer, complete, parallelCalls: 0, close: async () => {} };
    const endpoint = { ...bench.endpoint, engine: idle };
    const run = samplesOf({ ...bench, endpoint }, { arms: ["sequential"] });
    await expect(run).rejects.toThrow(
      'Sample 0 of problem "a" by the arm sequential cannot be made: parallelCalls of the engine is 0',
    );
  });

  it("says of attempts that a limit cut them", async () => {
    await using bench = await openBench();
    const limit = { tokens: 5, of: "critical-path" } as const;
    const [sample] = good(await samplesOf(bench, { arms: ["attempts-3"], protocol: { ...protocol, limit } }));
    expect(sample).toMatchObject({
      truncated: true,
      early: { "length: criticalTokens": 3 },
      tokens: { generated: 15 },
    });
  });

  it.each(["sequential", "one-pass", "attempts-2"])(
    "bounds %s by a limit of each thread: where nothing forks, main is one",
    async (arm) => {
      await using bench = await openBench();
      const limit = { tokens: 5, of: "thread" } as const;
      const samples = good(await samplesOf(bench, { arms: [arm], protocol: { ...protocol, limit } }));
      const attempts = arm === "attempts-2" ? 2 : 1;
      for (const { truncated, tokens } of samples)
        expect({ truncated, tokens }).toMatchObject({ truncated: true, tokens: { generated: 5 * attempts } });
    },
  );

  it("tells a thread that a limit cut from a text that it cut", async () => {
    await using bench = await openBench();
    const limit = { tokens: 2, of: "thread" } as const;
    // A format whose text goes on after a thread that was cut.
    const dialect: Dialect = { ...threadweaver, onThreadEnd: { ...threadweaver.onThreadEnd, length: "continue" } };
    const forgiving = { ...bench, endpoint: { ...bench.endpoint, dialect } };
    const samples = good(await samplesOf(forgiving, { arms: ["fork-join"], protocol: { ...protocol, limit } }));
    expect(samples.map((sample) => [sample.truncated, hasCutThread(sample)])).toEqual(samples.map(() => [false, true]));
  });

  it("asks the arms of a problem in an order that is drawn for each sample, the budget last", async () => {
    await using bench = await openBench();
    const plan = planOf(bench.endpoint, {
      arms: ["budget", "sequential", "fork-join"],
      protocol: { ...protocol, samples: 40 },
    });
    const units = [...unitsOf(plan)];
    expect(units.map(({ sample }) => sample)).toEqual(Array.from({ length: 120 }, (_, n) => Math.floor(n / 3)));
    expect(units.slice(0, 3).map(({ problem }) => problem.id)).toEqual(["a", "b", "wrong"]);
    const orders = Map.groupBy(units, ({ arms }) => arms.map(({ name }) => name).join());
    expect([...orders.keys()].toSorted()).toEqual(["fork-join,sequential,budget", "sequential,fork-join,budget"]);
    for (const own of orders.values()) expect(own.length).toBeGreaterThan(40);
  });

  it("asks nothing again that is there, and takes the budget from it", async () => {
    await using bench = await openBench();
    const all = good(await samplesOf(bench, { arms: ["fork-join", "budget"] }));
    const there = all.filter(({ arm }) => arm === "fork-join");
    const again: (Sample | SampleFailure)[] = [];
    const find = (key: { arm: string; problem: string }) =>
      there.find(({ arm, problem }) => arm === key.arm && problem === key.problem);
    await evaluate(planOf(bench.endpoint, { arms: ["fork-join", "budget"] }), {
      earlier: { has: (key) => find(key) !== undefined, criticalPathOf: (key) => find(key)?.tokens.criticalPath },
      onSample: (sample) => void again.push(sample),
    });
    expect(again.map(({ arm }) => arm)).toEqual(["budget", "budget", "budget"]);
    expect(good(again).map(({ budget }) => budget)).toEqual(
      all.flatMap(({ arm, budget }) => (arm === "budget" ? [budget] : [])),
    );
  });
});
