import type { SequenceEvaluateOptions } from "node-llama-cpp";
import type { KnownSampling } from "../core/trie/sampling.ts";
import type { Sampling } from "../engine/engine.ts";
import { asTokens } from "./token.ts";

/** Greedy, unless a request says otherwise. */
export const samplingDefaults: KnownSampling = {
  temperature: 0,
  topP: 1,
  topK: 0,
  minP: 0,
  repetitionPenalty: 1,
};

/** The options for one token. All of them are set, since node-llama-cpp has top-k and min-p on by default. */
export function samplingOptions(
  sampling: Sampling,
  seed: number,
  index: number,
  seen: ReadonlySet<number>,
): SequenceEvaluateOptions {
  const defaults = samplingDefaults;
  const penalty = sampling.repetitionPenalty ?? defaults.repetitionPenalty;
  return {
    temperature: sampling.temperature ?? defaults.temperature,
    topK: sampling.topK ?? defaults.topK,
    topP: sampling.topP ?? defaults.topP,
    minP: sampling.minP ?? defaults.minP,
    seed: tokenSeed(seed, index),
    // Every token of the prompt and of the answer counts once, as in vLLM. By default only the last 64 tokens would
    // count.
    ...(penalty === 1
      ? {}
      : {
          repeatPenalty: {
            punishTokens: asTokens([...seen]),
            maxPunishTokens: seen.size,
            penalty,
            frequencyPenalty: 0,
          },
        }),
  };
}

/**
 * The seed of the token at `index` (0 is the first generated one) of a call with `seed`: the finalizer of MurmurHash3
 * over both, 31 bits. Each token has a sampler of its own, so with one seed for all, every token would draw the same
 * number. The result depends neither on batches nor on other calls. It has 31 bits because llama.cpp takes 0xffffffff
 * for "random".
 */
export function tokenSeed(seed: number, index: number): number {
  const low = mix(seed | 0);
  const high = mix(Math.floor(seed / 2 ** 32) | 0);
  return mix(mix(low ^ Math.imul(high, 31)) + Math.imul(index + 1, 0x9e3779b9)) >>> 1;
}

function mix(value: number): number {
  let hash = value | 0;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return hash ^ (hash >>> 16);
}
