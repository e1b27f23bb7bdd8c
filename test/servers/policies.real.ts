import { describe, expect, it } from "vitest";
import type { Input } from "../../src/core/machine/protocol.ts";
import { generatedBy } from "../../src/core/trie/generated.ts";
import { tokensOf } from "../../src/core/trie/piece.ts";
import type { AttemptResult, AttemptsResult } from "../../src/run/attempts/result.ts";
import { confidence } from "../../src/run/policies/index.ts";
import { createRunner } from "../../src/run/runner.ts";
import { deepConf, lowestGroup, numpyPercentile, tokenConfidenceOf } from "../core/policies/reference-deepconf.ts";
import { sglangNative } from "../../src/engine/profiles/sglang.ts";
import { connect, first, kind } from "./support.ts";

const settings = { warmups: 4, window: 64, percentile: 90, topLogprobs: 20 };

/** Of each token that an attempt has generated, in thousandths: by the reference, from the log-probabilities in the tree. */
function confidencesOf({ tree }: AttemptsResult, { threadId }: AttemptResult): number[] {
  if (tree === undefined) throw new Error("the result has no tree");
  return generatedBy(tree, threadId).flatMap(({ ids = [], topLogprobs = [] }) => {
    expect(topLogprobs).toHaveLength(ids.length);
    return topLogprobs.map((top) => {
      const logprobs = top.map(({ logprob }) => logprob).filter((one) => one > -Infinity);
      return Math.round(tokenConfidenceOf(logprobs.slice(0, settings.topLogprobs)) * 1000);
    });
  });
}

/** How many likely tokens there are at the place of each one, of all attempts. */
function topsOf({ tree, attempts }: AttemptsResult): number[] {
  if (tree === undefined) throw new Error("the result has no tree");
  return attempts.flatMap(({ threadId }) =>
    generatedBy(tree, threadId).flatMap(({ topLogprobs = [] }) => topLogprobs.map((top) => top.length)),
  );
}

/** How many tokens came at once for an attempt, in the order of their coming, also after its end. */
function partsOf(inputs: readonly Input[], { calls }: AttemptResult): number[] {
  return inputs.flatMap((input) =>
    input.t === "pieces" && input.call === calls[0]?.call
      ? [input.pieces.reduce((sum, piece) => sum + tokensOf(piece), 0)]
      : [],
  );
}

/** Where in the record an attempt is first or last heard of. */
function placeOf(inputs: readonly Input[], { calls }: AttemptResult, which: "sent" | "pieces"): number {
  const isOwn = (input: Input): boolean => input.t === which && input.call === calls[0]?.call;
  return which === "sent" ? inputs.findIndex(isOwn) : inputs.findLastIndex(isOwn);
}

/** All that came up to its end, but for the last part. */
function beforeLast(parts: readonly number[], tokens: number): number {
  let sum = 0;
  for (const part of parts) {
    if (sum + part >= tokens) break;
    sum += part;
  }
  return sum;
}

const { paths, request, answer, learn } = sglangNative;
/**
 * With SGLang its own interface too: the one that is OpenAI's has an object from texts to log-probabilities, in which
 * tokens of one text are one.
 */
const interfaces = {
  vllm: { completions: {} },
  sglang: { completions: {}, native: { profile: { paths, request, answer, learn } } },
  llamacpp: {},
}[kind];

describe.each(Object.entries(interfaces))("attempts of which the unsure are cut (%s)", (name, options) => {
  it("are scored, cut and counted as an independent DeepConf says, from the log-probabilities that streamed", async () => {
    const inputs: Input[] = [];
    const result = await createRunner({ engine: await connect(options) }).attempts(
      { prompt: first.prompt },
      {
        count: 12,
        policy: confidence(settings),
        answer: "lastBox",
        equal: "text",
        // The model is so sure of its 375 tokens that only the highest temperature makes attempts differ.
        temperature: 2,
        seed: 7,
        maxThreadTokens: 500,
        logprobs: { top: settings.topLogprobs },
        tree: true,
        recorder: { input: (input) => void inputs.push(structuredClone(input)) },
      },
    ).result;
    const { attempts, votes, answer, tokens } = result;
    const known = attempts.map((attempt) => confidencesOf(result, attempt));
    if (kind === "vllm" || name === "native")
      for (const count of topsOf(result)) expect(count).toBe(settings.topLogprobs);
    const scores = known.map((confidences) => lowestGroup(confidences, settings.window));
    expect(attempts.map(({ score }) => score)).toEqual(scores);

    const bar = numpyPercentile(scores.slice(0, settings.warmups), settings.percentile);
    const [warmups, others] = [attempts.slice(0, settings.warmups), attempts.slice(settings.warmups)];
    for (const { ending, answer: found, voted, score = NaN } of warmups) {
      expect(ending.kind).not.toBe("cut");
      expect(voted).toBe(found !== undefined && score >= bar);
    }
    const warmupsOver = Math.max(...warmups.map((attempt) => placeOf(inputs, attempt, "pieces")));
    for (const attempt of others) expect(placeOf(inputs, attempt, "sent")).toBeGreaterThan(warmupsOver);

    const cut = others.filter(({ ending }) => ending.kind === "cut");
    expect(cut.length).toBeGreaterThan(0);
    for (const { ending, voted, answer: found } of cut) {
      expect({ ending, voted, found }).toEqual({
        ending: { kind: "cut", by: "confidence" },
        voted: false,
        found: undefined,
      });
    }
    for (const attempt of others) {
      const own = known[attempt.index - 1] ?? [];
      const parts = partsOf(inputs, attempt);
      const before = own.slice(0, beforeLast(parts, attempt.tokens));
      if (attempt.ending.kind === "cut") expect(attempt.score).toBeLessThan(bar);
      if (before.length >= settings.window) {
        expect(lowestGroup(before, settings.window)).toBeGreaterThanOrEqual(bar);
      }
      const came = parts.reduce((sum, part) => sum + part, 0);
      expect(came - attempt.tokens).toBeLessThanOrEqual(Math.max(...parts));
    }
    const came = attempts.flatMap((attempt) => partsOf(inputs, attempt)).reduce((sum, part) => sum + part, 0);
    expect(tokens.generated + tokens.wasted).toBe(came);

    const expected = deepConf(
      attempts.map(({ answer: found }, i) => ({ confidences: known[i] ?? [], answer: found })),
      settings,
    );
    expect(answer).toBe(expected.winner);
    expect(new Map(votes.map((vote) => [vote.answer, vote.weight]))).toEqual(expected.weights);
  });
});
