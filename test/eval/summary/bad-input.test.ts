import { expect, it } from "vitest";
import { summarize } from "../../../src/eval/summary/summarize.ts";
import { headerWith, sampleWith, small } from "../ledgers.ts";

const refused: [string, Parameters<typeof summarize>, RegExp][] = [
  [
    "a sample of an arm that the header does not have",
    [headerWith(), [sampleWith({ arm: "other" })]],
    /^the arm of sample 0 of problem "p1" is "other": expected one of the header's: sequential, fork-join\./,
  ],
  [
    "a sample that is there twice",
    [headerWith(), [sampleWith(), sampleWith()]],
    /^sample 0 of problem "p1" of arm "sequential" is "there twice": .*Remove one of the two lines\.$/,
  ],
  [
    "a sample beyond those that the protocol takes",
    [headerWith(), [sampleWith({ sample: 2 })]],
    /^sample 2 of problem "p1" of arm "sequential" is 2: expected a number from 0 to 1, as the protocol takes 2 of/,
  ],
  ["an unknown baseline", [headerWith(), small, { baseline: "none" }], /^baseline is "none": expected an arm of/],
  ["no draws", [headerWith(), small, { draws: 0 }], /^draws is 0: expected a whole number from 1 to 1000000\./],
  [
    "a bootstrap of single samples",
    [headerWith(), small, { intervals: { method: "two-stage" as "t" } }],
    /^intervals\.method is "two-stage": expected t, percentile or bca\./,
  ],
];

it.each(refused)("a summary refuses %s", async (_, given, message) => {
  await expect(summarize(...given)).rejects.toThrow(expect.objectContaining({ code: "invalid_option" }));
  await expect(summarize(...given)).rejects.toThrow(message);
});
