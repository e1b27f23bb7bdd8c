import { describe, expect, it } from "vitest";
import {
  accuracy,
  majorityAtK,
  mcnemar,
  pairedDifference,
  passAtK,
  passHatK,
  speedUp,
  wallClock,
} from "../../../src/eval/index.ts";

const arm = { a: [1], b: [1, 1] };
const equal = (one: string, other: string): boolean => one === other;
const ballots = { a: { answers: ["1", "2"], reference: "1" } };

const refused: [string, () => unknown, RegExp][] = [
  ["no problems", () => accuracy({}), /^scores is \{\}: expected at least one problem\./],
  [
    "a problem without samples",
    () => accuracy({ a: [1], b: [] }),
    /^scores\["b"\] is \[\]: expected a list of at least one/,
  ],
  ["samples that are no list", () => accuracy({ a: 1 as never }), /^scores\["a"\] is 1: /],
  [
    "a score that is NaN",
    () => accuracy({ a: [1, Number.NaN] }),
    /^scores\["a"\]\[1\] is NaN: expected a score from 0 to 1\./,
  ],
  ["a score above 1", () => accuracy({ a: [100] }), /^scores\["a"\]\[0\] is 100: /],
  ["a score that is text", () => accuracy({ a: ["1" as never] }), /^scores\["a"\]\[0\] is "1": /],
  [
    "a latency of zero",
    () => speedUp({ baseline: arm, candidate: { a: [1], b: [1, 0] } }),
    /^candidate\["b"\]\[1\] is 0: /,
  ],
  ["a negative latency", () => speedUp({ baseline: { a: [-2] }, candidate: arm }), /^baseline\["a"\]\[0\] is -2: /],
  [
    "a latency without end",
    () => wallClock({ a: [Infinity] }),
    /^latencies\["a"\]\[0\] is Infinity: expected a latency/,
  ],
  ["a hole in the samples", () => wallClock({ a: [1, undefined as never] }), /^latencies\["a"\]\[1\] is undefined: /],
  [
    "a problem that the candidate lacks",
    () => speedUp({ baseline: arm, candidate: { a: [1] } }),
    /^candidate\["b"\] is undefined: expected the samples of this problem, which the baseline has\. Compare arms of/,
  ],
  [
    "a problem that the baseline lacks, though every object has its name",
    () => pairedDifference({ baseline: { a: [1] }, candidate: { a: [1], toString: [1] } }),
    /^baseline\["toString"\] is undefined: .* which the candidate has/,
  ],
  ["k above the samples", () => passAtK(arm, 2), /^k is 2: expected at most 1, the number of samples of problem "a"\./],
  ["a k that is no count", () => passHatK(arm, 0.5), /^k is 0\.5: expected a whole number above 0\./],
  [
    "half a verdict",
    () => passAtK({ a: [0.5] }, 1),
    /^verdicts\["a"\]\[0\] is 0\.5: expected 1 \(right\) or 0 \(wrong\)\./,
  ],
  ["votes of more than there are", () => majorityAtK(ballots, 3, { equal }), /^k is 3: expected at most 2, /],
  ["votes without problems", () => majorityAtK({}, 1, { equal }), /^problems is \{\}: expected at least one problem\./],
  [
    "no draws",
    () => majorityAtK(ballots, 1, { equal, draws: 0 }),
    /^draws is 0: expected a whole number from 1 to 1000000\./,
  ],
  [
    "several samples for McNemar",
    () => mcnemar({ baseline: arm, candidate: arm }),
    /^baseline\["b"\]\.length is 2: expected 1, one sample a problem\. Use pairedDifference/,
  ],
  [
    "an unknown method",
    () => speedUp({ baseline: arm, candidate: arm }, { method: "bayes" as never }),
    /^method is "bayes": expected one of t, percentile, bca, two-stage\./,
  ],
  [
    "too few replicas",
    () => speedUp({ baseline: arm, candidate: arm }, { replicas: 10 }),
    /^replicas is 10: expected a whole number from 100 to 1000000\./,
  ],
];

describe("what cannot be used is refused with its place", () => {
  it.each(refused)("%s", (_, call, message) => {
    expect(call).toThrow(expect.objectContaining({ code: "invalid_option", message: expect.stringMatching(message) }));
  });

  it("long values are shortened", () => {
    expect(() => accuracy({ a: ["x".repeat(5000) as never] })).toThrow(/^.{60,200}$/);
  });
});
