import { describe, expect, it } from "vitest";
import type { Sample } from "../../../src/eval/ledger/sample.ts";
import { summarize } from "../../../src/eval/summary/summarize.ts";
import type { Summary } from "../../../src/eval/summary/summary.ts";
import { adviseOn, type Advice } from "../../../src/eval/verify/advice.ts";
import { openBench, planOf } from "../support.ts";

interface Arm {
  /** Of problem n, from 0. */
  score?: (n: number) => 0 | 1;
  ms?: (n: number) => number;
  steps?: (n: number) => number;
  threads?: number;
}

const spread = (n: number): number => 1 + (n % 5) / 20;

/** What 40 problems come to, of which each arm has one sample. */
async function adviceOn(sequential: Arm, forkJoin: Arm): Promise<Advice> {
  await using bench = await openBench();
  const { header } = planOf(bench.endpoint);
  const samples = Object.entries({ sequential, "fork-join": forkJoin }).flatMap(([arm, one]) =>
    Array.from({ length: 40 }, (_, n) => sampleOf(arm, n, one)),
  );
  const summary: Summary = await summarize({ ...header, dataset: { ...header.dataset, problems: 40 } }, samples);
  return adviseOn(summary);
}

function sampleOf(arm: string, n: number, { score = () => 1, ms, steps, threads = 0 }: Arm): Sample {
  const criticalPath = Math.round(steps?.(n) ?? 1000 * spread(n));
  const counts = { prompt: 10, generated: 1000, inserted: 0, wasted: 0, sent: 10, cached: 0, inThreads: 0 };
  return {
    type: "sample",
    arm,
    problem: `${n}`,
    sample: 0,
    seed: n,
    startedAt: 0,
    ms: ms?.(n) ?? 2000 * spread(n + 1),
    score: score(n),
    answer: "1",
    found: "lastBox",
    decided: "exact",
    ending: "eos",
    truncated: false,
    early: {},
    tokens: { ...counts, criticalPath },
    threads,
    forks: Math.min(1, threads),
    threadMs: { worked: 0, waited: 0 },
    authorsAcceleration: null,
    wellFormed: null,
    retries: 0,
  };
}

const faster: Arm = { threads: 3, ms: (n) => 1000 * spread(n), steps: (n) => 500 * spread(n) };

describe("the advice", () => {
  it("is to use it where answers come sooner and no loss is shown", async () => {
    const { verdict, sentence } = await adviceOn({}, faster);
    expect(verdict).toBe("use it");
    expect(sentence).toMatch(
      /^Use it: answers come 2\.00 times faster by the clock \(1\.\d+ to 2\.\d+\), and no loss of accuracy is shown/,
    );
  });

  it("says how much more is right, where that is shown", async () => {
    const { sentence } = await adviceOn({ score: (n) => (n % 2 === 0 ? 1 : 0) }, faster);
    expect(sentence).toContain("and more of them are right, +50.0 points");
  });

  it("is not to where the model starts no thread", async () => {
    expect(await adviceOn({}, {})).toEqual({
      verdict: "do not",
      sentence: "Do not: forkjoin-arith started no thread in 40 answers, so there is nothing to run side by side.",
    });
  });

  it("is not to where accuracy is lost, however fast it is", async () => {
    const { verdict, sentence } = await adviceOn({}, { ...faster, score: (n) => (n % 2 === 0 ? 1 : 0) });
    expect(verdict).toBe("do not");
    expect(sentence).toMatch(/^Do not: fork-join costs accuracy, -50\.0 points \(-6\d\.\d to -3\d\.\d\)\.$/);
  });

  it("is not to where steps are saved and time is lost, and says so", async () => {
    const { verdict, sentence } = await adviceOn({}, { ...faster, ms: (n) => 4000 * spread(n) });
    expect(verdict).toBe("do not");
    expect(sentence).toContain("2.00 times longer by the clock");
    expect(sentence).toContain("although the critical path is 2.00 times shorter");
  });

  it("is not to where neither is saved", async () => {
    const slow: Arm = { threads: 2, ms: (n) => 4000 * spread(n) };
    expect((await adviceOn({}, slow)).sentence).toContain("and the critical path is not shorter either");
  });

  it("says that nothing is shown where nothing is", async () => {
    const mixed: Arm = { threads: 2, ms: (n) => (n % 2 === 0 ? 1000 : 3000) };
    const { verdict, sentence } = await adviceOn({}, mixed);
    expect(verdict).toBe("undecided");
    expect(sentence).toMatch(/^No difference is shown: .* more problems or samples would tell\.$/);
  });
});
