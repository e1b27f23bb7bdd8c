import type { TopLogprob } from "../core/trie/piece.ts";

/**
 * What node-llama-cpp returns for one choice: logits from the highest to the lowest, and the sum of `exp(logit -
 * highest)`.
 */
interface Told {
  logits?: ReadonlyMap<number, number> | undefined;
  totalLogitWeight?: number | undefined;
}

/**
 * Log-probabilities in the distribution that the token was sampled from: after the repetition penalty, top-p and the
 * temperature. At temperature 0 it is the model's own distribution.
 */
export function logprobsIn(
  chosen: number,
  top: number,
  { logits = new Map(), totalLogitWeight = Number.NaN }: Told,
): { logprob: number | undefined; topLogprobs: TopLogprob[] | undefined } {
  const ranked = [...logits].toSorted(([, a], [, b]) => b - a);
  const highest = ranked[0]?.[1] ?? Number.NaN;
  const logprobOf = (logit: number): number => logit - highest - Math.log(totalLogitWeight);
  const own = logits.get(chosen);
  return {
    logprob: own === undefined ? undefined : logprobOf(own),
    topLogprobs: top === 0 ? undefined : ranked.slice(0, top).map(([id, logit]) => ({ id, logprob: logprobOf(logit) })),
  };
}
