import { describe, expect, it } from "vitest";
import { policyData, policyFrom, policyNames } from "../../../src/core/policies/bundled/index.ts";
import { checkPolicies } from "../../../src/core/policies/check.ts";
import {
  all,
  confidence,
  criticalTokens,
  deadline,
  firstOf,
  quorum,
  stragglers,
  type JoinPolicy,
  type Sibling,
} from "../../../src/run/policies/index.ts";

const eos = { kind: "eos" } as const;

/** One that runs, but for what is said of it. */
const some = (index: number, known: Partial<Sibling> = {}): Sibling => ({
  index,
  threadId: `0/1.${index + 1}`,
  name: `${index + 1}`,
  ending: undefined,
  hasBegun: true,
  isDone: known.ending?.kind === "eos",
  tokens: 10,
  criticalTokens: 10,
  ms: 100,
  text: "",
  answer: undefined,
  confidence: undefined,
  ...known,
});

const ask = (
  policy: JoinPolicy,
  known: Partial<Sibling>[],
  { ms = 100, changed }: { ms?: number; changed?: number } = {},
) => {
  const siblings = known.map((one, index) => some(index, one));
  const view = { siblings, ms, changed: changed === undefined ? undefined : siblings[changed] };
  const decision = policy.decide({ ...view, equal: (a, b) => Number(a) === Number(b) });
  const indices = (list: readonly Sibling[] | undefined) => list?.map(({ index }) => index);
  return decision && { cut: indices(decision.cut), hold: indices(decision.hold), askAt: decision.askAt };
};

describe("all", () => {
  it("never cuts", () => {
    expect(ask(all(), [{ ending: eos }, {}])).toBeUndefined();
  });
});

describe("firstOf", () => {
  it("cuts the others when so many have ended by themselves", () => {
    expect(ask(firstOf(2), [{ ending: eos }, {}, {}])).toBeUndefined();
    expect(ask(firstOf(2), [{ ending: eos }, {}, { ending: eos }])?.cut).toEqual([1]);
  });

  it("does not count what was cut, failed or ran out of tokens", () => {
    const lost = { kind: "failed", message: "gone" } as const;
    const long = { kind: "length", limit: "threadTokens" } as const;
    expect(ask(firstOf(1), [{ ending: lost }, { ending: long }, {}])).toBeUndefined();
  });
});

describe("quorum", () => {
  it("cuts the others when so many answers are equal", () => {
    const two = [{ ending: eos, answer: "12" }, { ending: eos, answer: "7" }, {}, {}];
    expect(ask(quorum(2), two)).toBeUndefined();
    expect(ask(quorum(2), [...two, { ending: eos, answer: "12.0" }])?.cut).toEqual([2, 3]);
  });

  it("does not take attempts without an answer for equal", () => {
    expect(ask(quorum(2), [{ ending: eos }, { ending: eos }, {}])).toBeUndefined();
  });
});

describe("deadline", () => {
  it("asks to be asked again at its time, and then cuts what runs", () => {
    expect(ask(deadline(500), [{}, { ending: eos }], { ms: 499 })?.askAt).toBe(500);
    expect(ask(deadline(500), [{}, { ending: eos }, { hasBegun: false }], { ms: 500 })?.cut).toEqual([0, 2]);
  });
});

describe("criticalTokens", () => {
  it("cuts each that has become as long as that, with threads of its own", () => {
    const known = [{ criticalTokens: 19 }, { criticalTokens: 20, tokens: 5 }, { criticalTokens: 30 }];
    expect(ask(criticalTokens(20), known)?.cut).toEqual([1, 2]);
    expect(ask(criticalTokens(20), known, { changed: 1 })?.cut).toEqual([1]);
  });
});

describe("stragglers", () => {
  const done = (ms: number) => ({ ending: eos, ms });

  it("cuts what takes longer than the median of those that ended, times the factor", () => {
    const known = [done(100), done(300), done(200), { ms: 399 }, { ms: 400 }];
    expect(ask(stragglers(), known)).toEqual({ cut: [4], hold: undefined, askAt: 101 });
    expect(ask(stragglers({ factor: 1.5 }), known)?.cut).toEqual([3, 4]);
  });

  it("takes the mean of the two in the middle as the median of an even number", () => {
    expect(ask(stragglers(), [done(100), done(200), { ms: 299 }, { ms: 300 }])?.cut).toEqual([3]);
  });

  it("waits until half of them have ended, or as many as it is told", () => {
    expect(ask(stragglers(), [done(1), { ms: 999 }, { ms: 999 }])).toBeUndefined();
    expect(ask(stragglers({ atLeast: 1 }), [done(1), { ms: 999 }, { ms: 999 }])?.cut).toEqual([1, 2]);
    expect(ask(stragglers({ atLeast: 3 }), [done(1), done(1), { ms: 999 }])).toBeUndefined();
  });

  it("does not count the time before the first request of one", () => {
    expect(ask(stragglers(), [done(100), done(100), { ms: 0, hasBegun: false }])).toMatchObject({
      cut: [],
      askAt: undefined,
    });
    expect(ask(stragglers(), [done(100), done(100), { ms: 0 }])).toMatchObject({ cut: [], askAt: 300 });
  });

  it("has nothing more to ask for when all have ended", () => {
    expect(ask(stragglers(), [done(1), done(1)])).toMatchObject({ cut: [], askAt: undefined });
  });
});

describe("confidence", () => {
  const policy = confidence({ warmups: 2, window: 4, percentile: 50 });
  const warm = (score: number) => ({ ending: eos, confidence: { lowest: score, score } });
  const now = (lowest: number | undefined) => ({ confidence: { lowest, score: 0 } });

  it("holds the others until the warm-ups are over", () => {
    expect(ask(policy, [warm(10), {}, {}, {}])?.hold).toEqual([2, 3]);
    expect(ask(policy, [warm(10), warm(20), {}, {}])?.hold).toBeUndefined();
  });

  it("cuts those whose last window is below the bar, and not before they have a whole one", () => {
    expect(ask(policy, [warm(10), warm(20), now(14.999), now(15), now(undefined)])?.cut).toEqual([2]);
  });

  it("never cuts a warm-up, and has no bar where none of them came to its end", () => {
    const cut = { ending: { kind: "cut", by: "deadline" }, confidence: { lowest: 1, score: 1 } } as const;
    expect(ask(policy, [cut, cut, now(0.1)])?.cut).toEqual([]);
  });

  it("lets those vote that were not cut, and of the warm-ups those that reach the bar", () => {
    const siblings = [warm(10), warm(20), warm(1)].map((one, index) => some(index, one));
    expect(siblings.map((one) => policy.votes?.(one, siblings))).toEqual([false, true, true]);
  });
});

describe("a policy that can decide nothing here", () => {
  const attempts = { kind: "attempts", what: "attempts", count: 3 } as const;
  const parts = { kind: "subtasks", what: "the threads of threadweaver" } as const;

  it.each<[string, JoinPolicy, RegExp]>([
    [
      "a quorum above the count",
      quorum(4),
      /quorum cannot be used here: it waits for 4 equal answers, and there are 3/,
    ],
    ["more ends than there are attempts", firstOf(4), /firstOf .* it waits for 4 of them, and there are 3/],
    [
      "no attempt after the warm-ups",
      confidence(),
      /its 16 warm-ups are never cut, and there are 3 attempts: give it fewer/,
    ],
    ["nothing left that could be late", stragglers({ atLeast: 3 }), /stragglers .* waits until 3 have ended/],
  ])("is refused: %s", (_, policy, message) => {
    expect(() => checkPolicies([policy], attempts)).toThrow(message);
  });

  it.each([firstOf(1), quorum(2), confidence({ warmups: 1 })])("is refused for parts of the work: $name", (policy) => {
    const why = new RegExp(
      `${policy.name} .* the threads of threadweaver each do a part .* deadline, criticalTokens and`,
    );
    expect(() => checkPolicies([policy], parts)).toThrow(why);
  });

  it("is refused where two need the confidence over other windows", () => {
    const two = [confidence({ warmups: 1, window: 4 }), confidence({ warmups: 1, window: 8 })];
    expect(() => checkPolicies(two, attempts)).toThrow(/another policy needs the confidence over another window/);
  });

  it("is not refused where it can decide", () => {
    checkPolicies([all(), deadline(1), criticalTokens(1), stragglers()], parts);
    checkPolicies([quorum(3), firstOf(3), confidence({ warmups: 2 }), stragglers({ atLeast: 2 })], attempts);
  });

  it.each([
    ["a deadline in the past", () => deadline(0), /deadline cannot be made: ms is over before anything begins/],
    ["half a quorum", () => quorum(1.5), /quorum cannot be made: count/],
    ["a factor that cuts all", () => stragglers({ factor: 1 }), /stragglers cannot be made: factor/],
    ["a percentile above 100", () => confidence({ percentile: 101 }), /confidence cannot be made: percentile/],
  ])("cannot be made: %s", (_, make, message) => {
    expect(make).toThrow(expect.objectContaining({ code: "invalid_option", message: expect.stringMatching(message) }));
  });
});

describe("a bundled policy as data", () => {
  it.each([
    all(),
    firstOf(2),
    quorum(3),
    deadline(10),
    criticalTokens(5),
    stragglers({ factor: 3, atLeast: 1 }),
    stragglers(),
    confidence({ warmups: 3, window: 9 }),
  ])("is made again from it: $name", (policy) => {
    const data = policyData(policy);
    expect(data).toEqual({ name: policy.name, options: policy.options });
    if (data === undefined) return;
    expect(policyFrom(structuredClone(data)).options).toEqual(policy.options);
  });

  it("has a name each", () => {
    const names = ["all", "firstOf", "quorum", "deadline", "criticalTokens", "stragglers", "confidence"];
    expect(policyNames).toEqual(names);
  });

  it("is none where the program wrote it", () => {
    expect(policyData({ name: "quorum", decide: () => undefined })).toBeUndefined();
    expect(policyData({ ...firstOf(1), name: "mine" })).toBeUndefined();
  });
});
