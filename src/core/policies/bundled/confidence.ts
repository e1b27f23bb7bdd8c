import * as z from "zod";
import { isLoss } from "../../machine/ending.ts";
import { percentileOf } from "../confidence.ts";
import { optionsOf } from "../options.ts";
import { running, type JoinPolicy, type PolicyView, type Sibling } from "../policy.ts";
import { countVotes } from "../vote.ts";

export interface ConfidenceOptions {
  /** Attempts that run to their end, before the others begin. @defaultValue 16 */
  warmups?: number | undefined;
  /** Tokens over which the confidence is a mean. @defaultValue 2048 */
  window?: number | undefined;
  /** Of the warm-ups' scores: the bar, from 0 to 100. 90 keeps the best tenth, 10 drops the worst. @defaultValue 90 */
  percentile?: number | undefined;
  /** How many of the likeliest tokens the confidence of a token is made of. @defaultValue 20 */
  topLogprobs?: number | undefined;
  /**
   * All that still run are cut when one answer has this share of the weighted votes, above 0 and at most 1; the paper's is
   * 0.95. It is looked at when the warm-ups are over, and whenever one of the others has ended. @defaultValue none
   */
  consensus?: number | undefined;
}

export const confidenceOptions = z.strictObject({
  warmups: z.int().min(1).default(16),
  window: z.int().min(1).max(1_000_000).default(2048),
  percentile: z.number().min(0).max(100).default(90),
  topLogprobs: z.int().min(1).default(20),
  consensus: z.number().gt(0).max(1).optional(),
});

/**
 * Attempts of which the model is not sure are cut while they run (DeepConf online, arXiv 2508.15260). The first ones run to
 * their end. Then the others begin, and each is cut when the confidence over a whole window falls below the bar. In the
 * vote count those that were not cut, and of the warm-ups those that reach the bar.
 *
 * It needs an engine that returns the log-probabilities of the likeliest tokens. Of these only their mean is kept.
 *
 * @throws `invalid_option` for values out of range.
 */
export function confidence(given: ConfidenceOptions = {}): JoinPolicy {
  const options = optionsOf("confidence", confidenceOptions, given);
  const { warmups, window, percentile, topLogprobs, consensus } = options;
  // What has ended keeps its score, so the bar of some siblings is found once, and not for each token.
  const bars = new WeakMap<readonly Sibling[], number>();
  const barOf = (siblings: readonly Sibling[]): number | undefined => {
    const known = bars.get(siblings);
    if (known !== undefined) return known;
    const first = siblings.slice(0, warmups);
    if (running(first).length > 0) return undefined;
    const scores = first.flatMap((one) => (isWhole(one) ? [scoreOf(one)] : []));
    const bar = percentileOf(scores, percentile);
    bars.set(siblings, bar);
    return bar;
  };
  const votes = (one: Sibling, siblings: readonly Sibling[]): boolean =>
    isWhole(one) && (one.index >= warmups || scoreOf(one) >= (barOf(siblings) ?? NaN));
  const isDecided = (siblings: readonly Sibling[], equal: PolicyView["equal"]): boolean => {
    if (consensus === undefined) return false;
    const counted = countVotes(
      siblings.filter((one) => votes(one, siblings)),
      equal,
      scoreOf,
    );
    const total = counted.reduce((sum, { weight }) => sum + weight, 0);
    return total > 0 && (counted[0]?.weight ?? 0) >= consensus * total;
  };
  return {
    name: "confidence",
    needs: { tokens: true, answers: consensus !== undefined, confidence: { window, topLogprobs } },
    options,
    decide({ siblings, changed, equal }) {
      if (changed !== undefined && changed.index < warmups && changed.ending === undefined) return undefined;
      const bar = barOf(siblings);
      if (bar === undefined) return { hold: siblings.slice(warmups) };
      if (changed?.ending !== undefined && isDecided(siblings, equal)) return { cut: running(siblings) };
      // Only the one that tokens came for can have fallen below it.
      const some = changed === undefined || changed.index < warmups ? siblings.slice(warmups) : [changed];
      return { cut: running(some).filter((one) => (one.confidence?.lowest ?? Infinity) < bar) };
    },
    votes,
    contradicts: (attempts) =>
      attempts <= warmups
        ? `its ${warmups} warm-ups are never cut, and there are ${attempts} attempts: give it fewer warm-ups`
        : undefined,
  };
}

/** What was cut or failed has no score that could be compared. */
function isWhole({ ending }: Sibling): boolean {
  return ending !== undefined && !isLoss(ending);
}

function scoreOf({ confidence: known }: Sibling): number {
  return known?.score ?? 0;
}
