import type { KnownSampling } from "../core/trie/sampling.ts";

/**
 * How rollouts are sampled: at temperature 1, from the whole distribution. With any other setting the odds of a token are
 * not those that the model gives it, and the ratio of a trainer would compare two different things.
 */
export const wholeDistribution: KnownSampling = {
  temperature: 1,
  topP: 1,
  topK: 0,
  minP: 0,
  repetitionPenalty: 1,
};
