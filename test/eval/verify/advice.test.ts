import { describe, expect, it } from "vitest";
import type { Sample } from "../../../src/eval/ledger/sample.ts";
import { summarize } from "../../../src/eval/summary/summarize.ts";
import { adviseOn, type Advice } from "../../../src/eval/verify/advice.ts";
import { headerWith, sampleWith } from "../ledgers.ts";

interface Arm {
  /** Whether the answer to problem n is right, from 0. */
  right?: (n: number) => boolean;
  ms?: (n: number) => number;
  steps?: (n: number) => number;
  /** Whether it has threads. */
  forks?: (n: number) => boolean;
  cut?: (n: number) => boolean;
}

const spread = (n: number): number => 1 + (n % 5) / 20;
const always = (): boolean => true;
const first = (count: number) => (n: number) => n < count;
const but = (count: number) => (n: number) => n >= count;

/** What so many problems come to, of which each arm has one sample. */
async function adviceOn(arms: Record<string, Arm>, problems = 40): Promise<Advice> {
  const header = headerWith();
  const samples = Object.entries(arms).flatMap(([name, arm]) =>
    Array.from({ length: problems }, (_, n) => sampleOf(name, n, arm)),
  );
  const kinds = Object.keys(arms) as (typeof header.arms)[number]["kind"][];
  const infos = kinds.map((kind) => ({ name: kind, kind, endpoint: "default" }));
  return adviseOn(await summarize(headerWith({ samples: 1, arms: infos }), samples));
}

function sampleOf(arm: string, n: number, { right = always, ms, steps, forks, cut = first(0) }: Arm): Sample {
  const forked = Number(forks?.(n) ?? false);
  return sampleWith({
    arm,
    problem: `${n}`,
    score: right(n) ? 1 : 0,
    ms: ms?.(n) ?? 2000 * spread(n + 1),
    tokens: { criticalPath: Math.round(steps?.(n) ?? 1000 * spread(n)), generated: 1000 },
    truncated: cut(n),
    forks: forked,
    threads: 3 * forked,
  });
}

/** Twice as fast, with threads everywhere. */
const fast: Arm = { forks: always, ms: (n) => 1000 * spread(n), steps: (n) => 500 * spread(n) };

describe("the advice to use it", () => {
  it("follows where answers come sooner and no more than a tenth of the right ones can be lost", async () => {
    expect(await adviceOn({ sequential: {}, "fork-join": fast })).toEqual({
      verdict: "use it",
      text: expect.stringMatching(
        /^Use it: answers come 2\.\d\d times as fast as with sequential \(1\.\d\d to 2\.\d\d\)\. Against sequential, accuracy changes by 0\.0 points \(-8\.8 to 8\.8\)\.$/,
      ),
    });
  });

  it("says how much more is right", async () => {
    const { verdict, text } = await adviceOn({ sequential: { right: first(20) }, "fork-join": fast });
    expect(verdict).toBe("use it");
    expect(text).toMatch(/accuracy changes by \+50\.0 points \(\d\d\.\d to \d\d\.\d\)\.$/);
  });

  it("says on which share it forked, where most answers have no thread", async () => {
    const { verdict, text } = await adviceOn({ sequential: {}, "fork-join": { ...fast, forks: first(4) } });
    expect(verdict).toBe("use it");
    expect(text).toMatch(/ Only 10 % of its answers forked; the others gain nothing from threads\.$/);
  });

  it("holds the time against one-pass too, which is the faster one", async () => {
    const onePass: Arm = { ms: (n) => 1500 * spread(n + 2) };
    const { verdict, text } = await adviceOn({ sequential: {}, "one-pass": onePass, "fork-join": fast });
    expect(verdict).toBe("use it");
    expect(text).toMatch(/^Use it: answers come 1\.\d\d times as fast as with one-pass/);
  });

  it("does not mind a one-pass that is fast and wrong", async () => {
    const onePass: Arm = { ms: (n) => 100 * spread(n), right: first(8) };
    const { verdict, text } = await adviceOn({ sequential: {}, "one-pass": onePass, "fork-join": fast });
    expect(verdict).toBe("use it");
    expect(text).toContain("as fast as with sequential");
  });
});

describe("the advice not to", () => {
  it("follows where the model starts no thread", async () => {
    expect(await adviceOn({ sequential: {}, "fork-join": { ...fast, forks: first(0) } })).toEqual({
      verdict: "do not",
      text: "Do not: m started no thread in 40 answers, so there is nothing to run side by side.",
    });
  });

  it("follows where accuracy is lost, however fast it is", async () => {
    const { verdict, text } = await adviceOn({ sequential: {}, "fork-join": { ...fast, right: but(20) } });
    expect(verdict).toBe("do not");
    expect(text).toMatch(
      /^Do not: fork-join is right less often\. Against sequential, accuracy changes by -50\.0 points \(-6\d\.\d to -3\d\.\d\)\.$/,
    );
  });

  it("follows where one-pass is right more often", async () => {
    const arms = { sequential: { right: first(20) }, "one-pass": {}, "fork-join": { ...fast, right: first(20) } };
    const { verdict, text } = await adviceOn(arms);
    expect(verdict).toBe("do not");
    expect(text).toContain("fork-join is right less often. Against one-pass,");
  });

  it("follows where steps are saved and time is lost, and says what that means", async () => {
    const { verdict, text } = await adviceOn({
      sequential: {},
      "fork-join": { ...fast, ms: (n) => 4000 * spread(n) },
    });
    expect(verdict).toBe("do not");
    expect(text).toMatch(
      /^Do not: answers take 2\.\d\d times as long as with sequential \(1\.9\d to 2\.\d\d\), although the critical path is 2\.00 times shorter: this server gains no time from requests side by side\./,
    );
  });

  it("says of the critical path only what is shown", async () => {
    const slow: Arm = { forks: always, ms: (n) => 4000 * spread(n) };
    expect((await adviceOn({ sequential: {}, "fork-join": slow })).text).not.toContain("critical path");
    const longer = { ...slow, steps: (n: number) => 1200 * spread(n) };
    const { text } = await adviceOn({ sequential: {}, "fork-join": longer });
    expect(text).toContain(", and the critical path is longer too.");
  });

  it("follows where one-pass is faster, though fork-join is faster than sequential", async () => {
    const onePass: Arm = { ms: (n) => 700 * spread(n) };
    const { verdict, text } = await adviceOn({ sequential: {}, "one-pass": onePass, "fork-join": fast });
    expect(verdict).toBe("do not");
    expect(text).toMatch(/^Do not: answers take 1\.43 times as long as with one-pass \(1\.4\d to 1\.4\d\)/);
    expect(text).toMatch(/ Fork-join is faster than sequential, but so is the format without threads\.$/);
  });
});

describe("what cannot be decided", () => {
  it("is said where there are too few samples", async () => {
    const few = /^Cannot be decided: there are too few samples of fork-join and of its baseline to compare\.$/;
    expect((await adviceOn({ sequential: {}, "fork-join": fast }, 1)).text).toMatch(few);
    expect((await adviceOn({ sequential: {} })).text).toMatch(few);
    expect(await adviceOn({ sequential: {}, "fork-join": fast }, 0)).toMatchObject({ verdict: "undecided" });
  });

  it("is a gain in time whose price is not known", async () => {
    // 9 of 10 right against 6 of 10, one and a half times as fast
    const forkJoin = { forks: always, ms: (n: number) => 1333 * spread(n), right: but(4) };
    const { verdict, text } = await adviceOn({ sequential: { right: but(1) }, "fork-join": forkJoin }, 10);
    expect(verdict).toBe("undecided");
    expect(text).toMatch(
      /^Cannot be decided: answers come 1\.\d\d times as fast as with sequential \(.*\), but a loss of up to (\d\d\.\d) points is not excluded, more than a tenth of the right answers\. Against sequential, accuracy changes by -30\.0 points \(-\1 to \d+\.\d\)\. More problems would tell\.$/,
    );
  });

  it("is a gain where even a small loss is a tenth of the few right answers", async () => {
    const rare = { right: first(4) };
    expect(await adviceOn({ sequential: rare, "fork-join": { ...fast, ...rare } })).toMatchObject({
      verdict: "undecided",
    });
  });

  it("is what a limit cut", async () => {
    const arms = { sequential: { cut: first(10) }, "fork-join": { ...fast, cut: first(2) } };
    expect(await adviceOn(arms)).toEqual({
      verdict: "undecided",
      text: "Cannot be decided: a limit cut 25 % of the answers of sequential. Raise it, so that whole answers are compared.",
    });
    const { text } = await adviceOn({
      sequential: {},
      "one-pass": { cut: always },
      "fork-join": { ...fast, cut: first(20) },
    });
    expect(text).toContain("a limit cut 50 % of the answers of fork-join and 100 % of the answers of one-pass.");
  });

  it("is a speed without a right answer", async () => {
    const wrong = { right: first(0) };
    const { verdict, text } = await adviceOn({ sequential: wrong, "fork-join": { ...fast, ...wrong } });
    expect(verdict).toBe("undecided");
    expect(text).toBe("Cannot be decided: neither sequential nor fork-join has a right answer. Take easier problems.");
  });

  it("is a time that is not shown to differ, which way it ever points", async () => {
    const mixed = (ms: number): Arm => ({ forks: always, ms: (n) => (n % 2 === 0 ? 1000 : ms) });
    const slower = await adviceOn({ sequential: {}, "fork-join": mixed(3600) });
    expect(slower.verdict).toBe("undecided");
    expect(slower.text).toMatch(
      /^Cannot be decided: answers take 1\.0\d times as long as with sequential \(0\.\d\d to 1\.\d\d\), so no difference is shown\. .* More problems would tell\.$/,
    );
    const { text } = await adviceOn({ sequential: {}, "fork-join": mixed(3200) });
    expect(text).toMatch(
      /^Cannot be decided: answers come 1\.0\d times as fast as with sequential \(0\.\d\d to 1\.\d\d\)/,
    );
  });

  it("is a gain on sequential that one-pass may have too", async () => {
    const onePass: Arm = { ms: (n) => 1000 * spread(n + 2) };
    const { verdict, text } = await adviceOn({ sequential: {}, "one-pass": onePass, "fork-join": fast });
    expect(verdict).toBe("undecided");
    expect(text).toContain("times as fast as with one-pass");
    expect(text).toContain("Fork-join is faster than sequential, but so is the format without threads.");
  });
});

it("the advice is about the summary's baseline, whichever it is", async () => {
  const header = headerWith({ samples: 1 });
  const samples = ["sequential", "fork-join"].flatMap((arm) =>
    Array.from({ length: 40 }, (_, n) => sampleOf(arm, n, arm === "sequential" ? {} : fast)),
  );
  const summary = await summarize(header, samples, { baseline: "fork-join" });
  expect(adviseOn(summary)).toMatchObject({ verdict: "undecided" });
});
