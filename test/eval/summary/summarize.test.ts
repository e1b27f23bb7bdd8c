import { describe, expect, it } from "vitest";
import { summarize } from "../../../src/eval/summary/summarize.ts";
import type { ArmSummary, Summary } from "../../../src/eval/summary/summary.ts";
import { failureWith, headerWith, sampleWith, small } from "../ledgers.ts";

async function armOf(summary: Promise<Summary>, name: string): Promise<ArmSummary> {
  const found = (await summary).arms.find((arm) => arm.name === name);
  if (found === undefined) throw new Error(`no arm ${name}`);
  return found;
}

describe("the numbers of an arm", () => {
  const sequential = armOf(summarize(headerWith(), small), "sequential");
  const forkJoin = armOf(summarize(headerWith(), small), "fork-join");

  it("say how much of the evaluation is there", async () => {
    expect(await sequential).toMatchObject({ kind: "sequential", problems: 2, samples: 4, planned: 4 });
    expect(await armOf(summarize(headerWith(), small.slice(0, 2)), "sequential")).toMatchObject({
      problems: 1,
      samples: 2,
      planned: 4,
    });
  });

  it("have the accuracy over problems with both standard errors", async () => {
    // Problem means 1 and 0.5: standard deviation 0.3536, over √2; inside p2 a variance of 0.5 over 2 samples.
    const { accuracy } = await sequential;
    expect(accuracy?.value).toBe(0.75);
    expect(accuracy?.standardError.population).toBeCloseTo(0.25, 12);
    expect(accuracy?.standardError.sameProblems).toBeCloseTo(0.25, 12);
  });

  it("have an interval of the accuracy that has a width where every answer is right", async () => {
    const right = summarize(headerWith(), [sampleWith(), sampleWith({ problem: "p2" })]);
    const { interval } = (await armOf(right, "sequential")).accuracy ?? {};
    // Wilson's of 2 of 2: 2 / (2 + 1.96²)
    expect(interval).toEqual({ low: expect.closeTo(0.3424, 4), high: 1, method: "wilson" });
  });

  it("have pass@k, pass^k and maj@k, a tie counting its share", async () => {
    const { ofSamples } = await sequential;
    expect(ofSamples.map(({ k }) => k)).toEqual([1, 2]);
    const [one, two] = ofSamples;
    expect([one?.pass.value, one?.all.value, one?.majority.value]).toEqual([0.75, 0.75, 0.75]);
    // p1: 42 and 42; p2: 7 (wrong) and 42 (right), so a vote is right half of the time
    expect([two?.pass.value, two?.all.value, two?.majority.value]).toEqual([1, 0.5, 0.75]);
  });

  it("have the tokens of a sample, in the mean", async () => {
    expect((await forkJoin).tokens).toEqual({
      prompt: 10,
      sent: 200,
      generated: (100 + 150 + 200 + 300) / 4,
      criticalPath: (50 + 100 + 200 + 300) / 4,
      inThreads: 30,
      inserted: 4,
      wasted: 1,
    });
  });

  it("have latencies: means over problems with intervals, and what a user waits for", async () => {
    const { criticalPath, milliseconds, wallClock } = await sequential;
    expect(criticalPath?.value).toBe((150 + 200) / 2);
    expect(milliseconds?.value).toBe(1750);
    // of 1000, 1000, 2000, 3000
    expect(wallClock).toEqual({ mean: 1750, median: 1500, p90: 2700, samples: 4 });
  });

  it("say what ran side by side", async () => {
    const { parallelism } = await forkJoin;
    expect(parallelism).toMatchObject({
      activation: 0.5,
      threadsPerFork: 2.5,
      parallelShare: 120 / 750,
      stragglerIdle: 0.25,
      cached: { share: 0.75, samples: 4 },
    });
    // 1 - 50/100, 1 - 100/150, 0, 0
    expect(parallelism.acceleration).toBeCloseTo((0.5 + 1 / 3) / 4, 12);
    expect(parallelism.authorsAcceleration).toBeUndefined();
    expect(parallelism.wellFormed).toBeUndefined();
  });

  it("take what only some samples have over those", async () => {
    const { parallelism, budgetClosed, attempts, retries } = await armOf(
      summarize(headerWith(), [
        sampleWith({ authorsAcceleration: 0.5, wellFormed: true, retries: 2, budget: { tokens: 9, closed: true } }),
        sampleWith({ sample: 1, wellFormed: false, attempts: { count: 5, votes: [], savedTokens: 30 } }),
        sampleWith({ problem: "p2", budget: { tokens: 9, closed: false } }),
      ]),
      "sequential",
    );
    expect(parallelism.authorsAcceleration).toEqual({ share: 0.5, samples: 1 });
    expect(parallelism.wellFormed).toEqual({ share: 0.5, samples: 2 });
    expect(parallelism.cached).toBeUndefined();
    expect(budgetClosed).toEqual({ share: 0.5, samples: 2 });
    expect(attempts).toEqual({ mean: 5, savedTokens: 30 });
    expect(retries).toBe(2);
  });

  it("count what ended early, by cause, and never hide what a limit cut", async () => {
    const { truncated, endings, earlyEnds } = await armOf(
      summarize(headerWith(), [
        sampleWith({ ending: "length: runTokens", truncated: true, early: { length: 2, __proto__x: 1 } }),
        sampleWith({ sample: 1, early: { length: 1 } }),
      ]),
      "sequential",
    );
    expect(truncated).toEqual({ count: 1, share: 0.5 });
    expect(endings).toEqual({ eos: 1, "length: runTokens": 1 });
    expect(earlyEnds).toEqual({ length: 3, __proto__x: 1 });
  });

  it("count an attempt that a limit cut as a cut sample, also in ledgers that do not", async () => {
    const attempts = { count: 3, votes: [], savedTokens: 0 };
    const { truncated, cutThreads } = await armOf(
      summarize(headerWith(), [
        sampleWith({ attempts, early: { "length: criticalTokens": 3 } }),
        sampleWith({ attempts, sample: 1, early: { "cut: quorum": 1 } }),
      ]),
      "sequential",
    );
    expect([truncated, cutThreads]).toEqual([
      { count: 1, share: 0.5 },
      { count: 0, share: undefined },
    ]);
  });

  it("say how many samples have a thread that a limit cut", async () => {
    const { truncated, cutThreads } = await armOf(
      summarize(headerWith(), [
        sampleWith({ forks: 1, threads: 2, early: { "length: threadTokens": 2 } }),
        sampleWith({ sample: 1, forks: 1, threads: 2, early: { failed: 1 } }),
        sampleWith({ problem: "p2" }),
        sampleWith({ problem: "p2", sample: 1, forks: 1, threads: 2 }),
      ]),
      "sequential",
    );
    expect([truncated.count, cutThreads]).toEqual([0, { count: 1, share: 0.25 }]);
  });

  it("count samples without an answer, and list answers that the grader could not decide", async () => {
    const { answers, accuracy } = await armOf(
      summarize(headerWith(), [
        sampleWith({ problem: "p2", sample: 1, score: 0, answer: "?!", decided: "unreadable" }),
        sampleWith({ problem: "p1", score: 0, answer: `x${"y".repeat(500)}`, decided: "undecided" }),
        sampleWith({ problem: "p2", score: 0, answer: null, found: "there is no box", decided: null }),
        sampleWith({ problem: "p1", sample: 1 }),
      ]),
      "sequential",
    );
    expect(answers.none).toEqual({ count: 1, why: { "there is no box": 1 } });
    expect(answers.undecided).toEqual({
      count: 2,
      first: [
        { problem: "p1", sample: 0, answer: `x${"y".repeat(199)}`, decided: "undecided" },
        { problem: "p2", sample: 1, answer: "?!", decided: "unreadable" },
      ],
    });
    expect(accuracy?.value).toBe(0.25);
  });

  it("list the first hundred of such answers, whatever order they come in, and count all", async () => {
    const samples = Array.from({ length: 1000 }, (_, sample) =>
      sampleWith({ sample, score: 0, decided: "unreadable" }),
    );
    for (const lines of [samples, samples.toReversed()]) {
      const { answers } = await armOf(summarize(headerWith({ samples: 1000 }), lines), "sequential");
      expect(answers.undecided.count).toBe(1000);
      expect(answers.undecided.first.map(({ sample }) => sample)).toEqual(Array.from({ length: 100 }, (_, i) => i));
    }
  });

  it("count failures by their last code, and none that was made good", async () => {
    const { failures, recovered, samples, accuracy } = await armOf(
      summarize(headerWith(), [
        failureWith({ sample: 1, code: "timeout", startedAt: 900 }),
        failureWith({ sample: 1, code: "engine_failed", startedAt: 100 }),
        failureWith({ sample: 0 }),
        sampleWith({ sample: 0 }),
        failureWith({ problem: "p2" }),
      ]),
      "sequential",
    );
    expect({ failures, recovered, samples }).toEqual({
      failures: { engine_failed: 1, timeout: 1 },
      recovered: 1,
      samples: 1,
    });
    expect(accuracy).toMatchObject({ value: 1, problems: 1 });
  });

  it("are undefined where nothing was measured", async () => {
    const empty = await armOf(summarize(headerWith(), []), "sequential");
    expect(empty).toMatchObject({ samples: 0, planned: 4, ofSamples: [], byProblem: [], failures: {} });
    expect([empty.accuracy, empty.tokens, empty.criticalPath, empty.wallClock]).toEqual(
      Array.from({ length: 4 }, () => undefined),
    );
    expect(Object.values(empty.parallelism).every((value) => value === undefined)).toBe(true);
  });

  it("are plain JSON", async () => {
    const summary = await summarize(headerWith(), small);
    expect(JSON.parse(JSON.stringify(summary))).toEqual(summary);
  });
});

describe("an arm against the baseline", () => {
  it("has the paired difference, the overhead and no McNemar of two samples", async () => {
    const [pair] = (await summarize(headerWith(), small)).pairs;
    expect(pair).toMatchObject({ baseline: "sequential", candidate: "fork-join", problems: 2, mcnemar: undefined });
    expect(pair?.difference?.value).toBe(-0.25);
    // problem means 125 and 250 against 150 and 200
    expect(pair?.overhead).toBe(375 / 350);
  });

  it("has the speed-up by three estimators, of all samples and of right ones", async () => {
    const [pair] = (await summarize(headerWith(), small)).pairs;
    const { all, bothRight } = pair?.criticalPath ?? {};
    // 150 and 200 tokens against 75 and 250
    expect(all?.ratioOfMeans.value).toBeCloseTo(350 / 325, 12);
    expect(all?.geometricMean.value).toBeCloseTo(Math.sqrt(2 * 0.8), 12);
    expect(all?.meanOfRatios.value).toBeCloseTo(1.4, 12);
    expect(all).toMatchObject({ slower: 0.5, problems: 2, withoutLatency: 0 });
    expect(all?.byProblem).toEqual([
      { problem: "p1", ratio: 2 },
      { problem: "p2", ratio: 0.8 },
    ]);
    // p2 was never right with forks
    expect(bothRight).toMatchObject({ problems: 1, ratioOfMeans: { value: 2, interval: undefined } });
    // 1500 and 2000 ms against 800 and 2300
    expect(pair?.milliseconds.all?.ratioOfMeans.value).toBeCloseTo(3500 / 3100, 12);
  });

  it("takes only right samples of a problem where both are right", async () => {
    const [pair] = (
      await summarize(headerWith(), [
        sampleWith({ tokens: { criticalPath: 80 } }),
        sampleWith({ sample: 1, score: 0, tokens: { criticalPath: 900 } }),
        sampleWith({ arm: "fork-join", tokens: { criticalPath: 40 } }),
      ])
    ).pairs;
    expect(pair?.criticalPath.bothRight?.ratioOfMeans.value).toBe(2);
    expect(pair?.criticalPath.all?.ratioOfMeans.value).toBe(490 / 40);
  });

  it("has McNemar's test with one sample a problem", async () => {
    const [pair] = (
      await summarize(headerWith({ samples: 1 }), [
        sampleWith(),
        sampleWith({ problem: "p2", score: 0 }),
        sampleWith({ arm: "fork-join" }),
        sampleWith({ arm: "fork-join", problem: "p2" }),
      ])
    ).pairs;
    expect(pair?.mcnemar).toEqual({ onlyBaseline: 0, onlyCandidate: 1, p: 1 });
  });

  it("leaves out problems that one arm has no sample of, and names them", async () => {
    const [pair] = (
      await summarize(headerWith(), [
        sampleWith({ problem: "both" }),
        sampleWith({ problem: "mine" }),
        sampleWith({ arm: "fork-join", problem: "both" }),
        sampleWith({ arm: "fork-join", problem: "theirs" }),
        failureWith({ arm: "fork-join", problem: "mine" }),
      ])
    ).pairs;
    expect(pair).toMatchObject({ problems: 1, onlyBaseline: ["mine"], onlyCandidate: ["theirs"] });
  });

  it("has no number where no problem is shared", async () => {
    const [pair] = (await summarize(headerWith(), [sampleWith()])).pairs;
    expect(pair).toMatchObject({ problems: 0, onlyBaseline: ["p1"], difference: undefined, overhead: undefined });
    expect(pair?.criticalPath).toEqual({ all: undefined, bothRight: undefined });
  });

  it("counts problems without a token, for which there is no ratio", async () => {
    const [pair] = (
      await summarize(headerWith(), [
        sampleWith(),
        sampleWith({ problem: "p2" }),
        sampleWith({ arm: "fork-join", tokens: { criticalPath: 50 } }),
        sampleWith({ arm: "fork-join", problem: "p2", tokens: { criticalPath: 0, generated: 0 } }),
      ])
    ).pairs;
    expect(pair?.criticalPath.all).toMatchObject({ withoutLatency: 1, problems: 1, ratioOfMeans: { value: 2 } });
  });

  it("has another baseline where one is chosen", async () => {
    const summary = await summarize(headerWith(), small, { baseline: "fork-join" });
    expect(summary.baseline).toBe("fork-join");
    expect(summary.pairs).toMatchObject([{ baseline: "fork-join", candidate: "sequential" }]);
    expect(summary.pairs[0]?.difference?.value).toBe(0.25);
  });

  it("has the first arm as its baseline where none is sequential", async () => {
    const arms = ["one", "two"].map((name) => ({ name, kind: "one-pass" as const, endpoint: "default" }));
    expect((await summarize(headerWith({ arms }), [])).baseline).toBe("one");
  });
});

describe("votes", () => {
  const answered = (answers: readonly string[], score: (answer: string) => 0 | 1): ReturnType<typeof sampleWith>[] =>
    answers.map((answer, sample) => sampleWith({ answer, sample, score: score(answer) }));
  const majority = async (answers: readonly string[], options = {}): Promise<number | undefined> => {
    const samples = answered(answers, (answer) => (Number(answer) === 2 ? 1 : 0));
    const arm = await armOf(summarize(headerWith({ samples: answers.length }), samples, options), "sequential");
    return arm.ofSamples.at(-1)?.majority.value;
  };

  it("count answers of one value as one, by the protocol's policy", async () => {
    expect(await majority(["2", "2.0", "3", "4"])).toBe(1);
    expect(await majority(["2", "3", "3.0", "4"])).toBe(0);
  });

  it("count by the policy of each problem, where one is given", async () => {
    // 3.01 is within 1 % of 3
    expect(await majority(["2", "2", "3", "3.01"], { policyOf: () => "minerva" })).toBe(0.5);
    expect(await majority(["2", "2", "3", "3.01"])).toBe(1);
  });

  it("never take a wrong answer for a right one that it equals, nor the other way round", async () => {
    // Of the reference 100, at 1 %: 98.5 is wrong and 99.2 right, though they are within 1 % of each other.
    const policyOf = (): "minerva" => "minerva";
    const graded = (answers: readonly string[]): ReturnType<typeof sampleWith>[] =>
      answered(answers, (answer) => (Math.abs(Number(answer) - 100) <= 1 ? 1 : 0));
    const majorities = async (answers: readonly string[]): Promise<unknown> => {
      const header = headerWith({ samples: answers.length });
      const { ofSamples } = await armOf(summarize(header, graded(answers), { policyOf }), "sequential");
      return ofSamples.map((of) => of.majority.value).filter((_, i) => i !== 1);
    };
    const nine = (answer: string): string[] => Array.from({ length: 9 }, () => answer);
    expect(await majorities(["98.5", ...nine("99.2")])).toEqual([0.9, 1, 1, 1]);
    expect(await majorities(["100.9", ...nine("101.8")])).toEqual([0.1, 0, 0, 0]);
  });

  it("stop comparing a problem's answers one by one where there are too many, and say so", async () => {
    const numbers = Array.from({ length: 300 }, (_, i) => `${i + 10}`);
    // Each comes twice, written in another way; the most frequent ones are compared first.
    const other = numbers.map((number) => `${number}.0`);
    const samples = answered(["3", "3.0", "3", ...numbers, ...other], () => 0);
    const { answers } = await armOf(summarize(headerWith({ samples: samples.length }), samples), "sequential");
    expect(answers.uncompared).toBeGreaterThan(400);
    expect(answers.uncompared).toBeLessThan(600);
    const few = await armOf(summarize(headerWith({ samples: 30 }), samples.slice(0, 30)), "sequential");
    expect(few.answers.uncompared).toBe(0);
  });

  it("count answers as one that differ only in how they are set, however many there are", async () => {
    const written = Array.from({ length: 300 }, (_, i) => [`\\frac{${i}}{7}`, `$\\dfrac {${i}} {7}$`]).flat();
    const samples = answered(["1", "1", "1", ...written], (answer) => (answer === "1" ? 1 : 0));
    const { ofSamples } = await armOf(summarize(headerWith({ samples: samples.length }), samples), "sequential");
    // Three for 1, and two for each other one: a vote of all is right.
    expect(ofSamples.at(-1)?.majority.value).toBe(1);
    const last = await armOf(summarize(headerWith({ samples: samples.length }), samples.slice(2)), "sequential");
    expect(last.ofSamples.at(-1)?.majority.value).toBe(0);
  });

  it("hold long texts apart that are not the same, and count the same as one", async () => {
    const [one, other] = ["a", "b"].map((letter) => letter.repeat(20_000));
    const samples = answered([`${one}`, `${one}`, `${other}`], (answer) => (answer === one ? 1 : 0));
    const { ofSamples } = await armOf(summarize(headerWith({ samples: 3 }), samples), "sequential");
    expect(ofSamples.at(-1)?.majority.value).toBe(1);
  });

  it("leave problems with fewer samples out of k, and say how many are left", async () => {
    const samples = [sampleWith(), sampleWith({ sample: 1 }), sampleWith({ problem: "p2" })];
    const { ofSamples } = await armOf(summarize(headerWith(), samples), "sequential");
    expect(ofSamples.map(({ k, pass }) => [k, pass.problems])).toEqual([
      [1, 2],
      [2, 1],
    ]);
  });
});
