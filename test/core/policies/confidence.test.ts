import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ConfidenceWindow, percentileOf, tokenConfidence } from "../../../src/core/policies/confidence.ts";
import { meanOfThousandths, numpyPercentile, tokenConfidenceOf } from "./reference-deepconf.ts";

const top = (...logprobs: number[]) => logprobs.map((logprob, id) => ({ id, logprob }));

describe("the confidence of a token", () => {
  it("is minus the mean of the likeliest tokens' log-probabilities, rounded to three decimals", () => {
    expect(tokenConfidence(top(-0.1, -2, -3.3334), 3)).toBe(1.811);
  });

  it("is of as many as were asked for, where there are more", () => {
    expect(tokenConfidence(top(-1, -2, -30), 2)).toBe(1.5);
  });

  it("leaves out tokens that cannot come, and is unknown where none can", () => {
    expect(tokenConfidence(top(-1, -Infinity), 2)).toBe(1);
    expect(tokenConfidence(top(-Infinity), 1)).toBeUndefined();
    expect(tokenConfidence([], 20)).toBeUndefined();
  });

  it("is 0, and not minus 0, where the model is sure", () => {
    expect(tokenConfidence(top(0, -0), 2)).toBe(0);
    expect(tokenConfidence(top(-0.0004), 1)).toBe(0);
  });

  it.each([
    [0.0625, 0.062],
    [0.1875, 0.188],
    [2.5625, 2.562],
  ])("is rounded to the even one where %d is exactly in the middle: %d", (mean, rounded) => {
    expect(tokenConfidence(top(-mean), 1)).toBe(rounded);
  });

  it("is that of an independent reckoning with exact numbers", () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: -40, max: 0, noNaN: true }), { minLength: 1, maxLength: 20 }),
        (logprobs) => {
          expect(tokenConfidence(top(...logprobs), 20)).toBe(tokenConfidenceOf(logprobs));
        },
      ),
    );
  });
});

describe("the confidence of an attempt", () => {
  it("has no whole window at first; its score is then the mean of all, and 0 without any", () => {
    const confidence = new ConfidenceWindow(3);
    expect(confidence).toMatchObject({ lowest: undefined, score: 0 });
    confidence.push(1);
    confidence.push(2);
    expect(confidence).toMatchObject({ lowest: undefined, score: 1.5 });
    confidence.push(6);
    expect(confidence).toMatchObject({ lowest: 3, score: 3 });
  });

  it("is the lowest mean over a window", () => {
    const confidence = new ConfidenceWindow(2);
    for (const one of [4, 4, 1, 2, 9, 9]) confidence.push(one);
    expect(confidence).toMatchObject({ lowest: 1.5, score: 1.5 });
  });

  it("does not drift, however many tokens come", () => {
    const confidence = new ConfidenceWindow(3);
    for (let n = 0; n < 100_000; n += 1) confidence.push(n % 2 === 0 ? 0.1 : 0.7);
    for (let n = 0; n < 3; n += 1) confidence.push(0.001);
    expect(confidence.lowest).toBe(0.001);
  });

  it("is that of an independent reckoning, for any tokens and any window", () => {
    const thousandths = fc.array(fc.integer({ min: 0, max: 40_000 }), { maxLength: 80 });
    fc.assert(
      fc.property(thousandths, fc.integer({ min: 1, max: 12 }), (tokens, size) => {
        const confidence = new ConfidenceWindow(size);
        for (const one of tokens) confidence.push(one / 1000);
        const windows = tokens.flatMap((_, n) => (n + size > tokens.length ? [] : [tokens.slice(n, n + size)]));
        const means = (windows.length > 0 ? windows : tokens.length > 0 ? [tokens] : []).map(meanOfThousandths);
        expect(confidence.score).toBe(means.length === 0 ? 0 : Math.min(...means) / 1000);
        expect(confidence.lowest).toBe(windows.length === 0 ? undefined : Math.min(...means) / 1000);
      }),
    );
  });
});

describe("a percentile", () => {
  // Made by numpy 2.3: np.percentile(values, p).
  it.each([
    [[1, 2, 3, 4], 90, 3.7],
    [[1, 2, 3, 4], 10, 1.3],
    [[15.321, 12.004, 17.5, 9.998, 14.2], 90, 16.6284],
    [[0.1, 0.2, 0.3], 50, 0.2],
    [[5], 90, 5],
    [[2, 1], 0, 1],
    [[2, 1], 100, 2],
  ])("of %j at %d is %d", (values, percentile, expected) => {
    expect(percentileOf(values, percentile)).toBe(expected);
  });

  it("lies on the line between two of the numbers, whichever they are", () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 0, max: 40_000 }), { minLength: 1, maxLength: 20 }),
        fc.integer({ min: 0, max: 100 }),
        (thousandths, percentile) => {
          const values = thousandths.map((one) => one / 1000);
          expect(percentileOf(values, percentile)).toBe(numpyPercentile(values, percentile));
        },
      ),
    );
  });

  it("of none is no number, so nothing is below it", () => {
    expect(percentileOf([], 90)).toBeNaN();
  });
});
