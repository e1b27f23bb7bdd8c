/**
 * DeepConf (arXiv 2508.15260) written again from its description, without a line of the product: exact fractions, whole
 * windows each summed anew, one attempt after the other.
 */

/** A double as an exact fraction. */
function exactly(x: number): { top: bigint; bottom: bigint } {
  let bottom = 1n;
  let scaled = x;
  while (!Number.isInteger(scaled)) {
    scaled *= 2;
    bottom *= 2n;
  }
  return { top: BigInt(scaled), bottom };
}

/** The whole number nearest to a fraction that is not negative; in the middle the even one. */
function nearest(top: bigint, bottom: bigint): bigint {
  const below = top / bottom;
  const twice = 2n * (top - below * bottom);
  if (twice === bottom) return below % 2n === 0n ? below : below + 1n;
  return twice < bottom ? below : below + 1n;
}

export function tokenConfidenceOf(logprobs: readonly number[]): number {
  let sum = 0;
  for (const one of logprobs) sum += one;
  const { top, bottom } = exactly(-sum / logprobs.length);
  return Number(nearest(top * 1000n, bottom)) / 1000;
}

/** The mean of thousandths, as thousandths. */
export function meanOfThousandths(values: readonly number[]): number {
  const sum = values.reduce((total, one) => total + BigInt(one), 0n);
  return Number(nearest(sum, BigInt(values.length)));
}

/** `numpy.percentile` with its default, linear, as its own source reckons it. */
export function numpyPercentile(values: readonly number[], percentile: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  const virtual = (percentile / 100) * (sorted.length - 1);
  const previous = Math.floor(virtual);
  const next = Math.min(previous + 1, sorted.length - 1);
  const gamma = virtual - previous;
  const [a, b] = [sorted[previous] ?? NaN, sorted[next] ?? NaN];
  const difference = b - a;
  return gamma >= 0.5 ? b - difference * (1 - gamma) : a + difference * gamma;
}

export interface Attempt {
  /** Of its tokens, in thousandths, the end of sequence included. */
  readonly confidences: readonly number[];
  readonly answer: string | undefined;
}

export interface Verdict {
  bar: number;
  /** How many tokens each attempt generated. */
  lengths: number[];
  cut: boolean[];
  scores: number[];
  winner: string | undefined;
  weights: Map<string, number>;
}

/** The score: the lowest mean over a whole window, in thousandths given and as a number returned. */
export function lowestGroup(tokens: readonly number[], window: number): number {
  if (tokens.length === 0) return 0;
  if (tokens.length < window) return meanOfThousandths(tokens) / 1000;
  let lowest = Infinity;
  for (let n = window; n <= tokens.length; n += 1) {
    lowest = Math.min(lowest, meanOfThousandths(tokens.slice(n - window, n)));
  }
  return lowest / 1000;
}

export interface Settings {
  warmups: number;
  window: number;
  percentile: number;
  /** The share of the votes that ends it; the attempts that come after one another are not begun then. */
  consensus?: number;
}

/** The online algorithm: warm-ups to their end, then the others, each until a whole window is below the bar. */
export function deepConf(attempts: readonly Attempt[], { warmups, window, percentile, consensus }: Settings): Verdict {
  const bar = numpyPercentile(
    attempts.slice(0, warmups).map(({ confidences }) => lowestGroup(confidences, window)),
    percentile,
  );
  const verdict: Verdict = { bar, lengths: [], cut: [], scores: [], winner: undefined, weights: new Map() };
  for (const [i, { confidences, answer }] of attempts.entries()) {
    let length = confidences.length;
    if (i >= warmups) {
      for (let n = window; n < confidences.length; n += 1) {
        if (meanOfThousandths(confidences.slice(n - window, n)) / 1000 < bar) {
          length = n;
          break;
        }
      }
    }
    if (i >= warmups && consensus !== undefined && isAgreed(verdict.weights, consensus)) length = 0;
    const isCut = length < confidences.length;
    const score = lowestGroup(confidences.slice(0, length), window);
    verdict.lengths.push(length);
    verdict.cut.push(isCut);
    verdict.scores.push(score);
    if (answer === undefined || isCut || (i < warmups && score < bar)) continue;
    verdict.weights.set(answer, (verdict.weights.get(answer) ?? 0) + score);
  }
  for (const [answer, weight] of verdict.weights) {
    if (verdict.winner === undefined || weight > (verdict.weights.get(verdict.winner) ?? 0)) verdict.winner = answer;
  }
  return verdict;
}

function isAgreed(weights: ReadonlyMap<string, number>, share: number): boolean {
  const each = [...weights.values()];
  const sum = each.reduce((all, one) => all + one, 0);
  return sum > 0 && Math.max(...each) / sum >= share;
}
