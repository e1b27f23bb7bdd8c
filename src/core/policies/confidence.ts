import type { TopLogprob } from "../trie/piece.ts";
import { columnsOf, type Trie } from "../trie/trie.ts";
import type { Confidence } from "./policy.ts";

/**
 * How sure the model was of one token: minus the mean of the likeliest tokens' log-probabilities, rounded to three decimals
 * (DeepConf, arXiv 2508.15260). Undefined where there is none.
 */
export function tokenConfidence(top: readonly TopLogprob[], count: number): number | undefined {
  let sum = 0;
  let n = 0;
  for (const { logprob } of top) {
    if (n === count) break;
    if (!Number.isFinite(logprob)) continue; // a token that cannot come says nothing
    sum += logprob;
    n += 1;
  }
  return n === 0 ? undefined : round3(-sum / n);
}

/** Rounded to three decimals; a number in the middle to the even one, as Python rounds. */
function round3(x: number): number {
  const sixteenths = x * 16; // of the middles, a double holds only those of sixteenths
  if (Number.isInteger(sixteenths) && sixteenths % 2 !== 0) return evenOf(Math.floor(x * 1000)) / 1000;
  return Number(x.toFixed(3)) || 0; // never -0
}

/** The even one of a whole number and the next. */
function evenOf(n: number): number {
  return n % 2 === 0 ? n : n + 1;
}

/**
 * The confidence of one attempt, token by token. Means over a window are rounded to three decimals. They are sums of
 * thousandths, which are exact: however many tokens come, nothing drifts.
 */
export class ConfidenceWindow implements Confidence {
  readonly #size: number;
  readonly #last: Int32Array;
  #count = 0;
  #sum = 0;
  #lowest = Infinity;

  constructor(size: number) {
    this.#size = size;
    this.#last = new Int32Array(size);
  }

  push(confidence: number): void {
    const thousandths = Math.round(confidence * 1000);
    const at = this.#count % this.#size;
    this.#sum += thousandths - (this.#last[at] ?? 0);
    this.#last[at] = thousandths;
    this.#count += 1;
    if (this.#count >= this.#size) this.#lowest = Math.min(this.#lowest, meanOf(this.#sum, this.#size));
  }

  get lowest(): number | undefined {
    return this.#count < this.#size ? undefined : this.#lowest / 1000;
  }

  get score(): number {
    if (this.#count === 0) return 0;
    return this.lowest ?? meanOf(this.#sum, this.#count) / 1000;
  }
}

/** A mean of whole numbers, as a whole number. */
function meanOf(sum: number, count: number): number {
  const below = Math.floor(sum / count);
  const twice = 2 * (sum - below * count);
  if (twice === count) return evenOf(below);
  return twice < count ? below : below + 1;
}

/** The percentile of numbers, between two of them on the line from one to the other, as numpy has it by default. */
export function percentileOf(values: readonly number[], percentile: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  const place = (percentile / 100) * (sorted.length - 1);
  const below = Math.min(Math.floor(place), sorted.length - 1);
  const [low = NaN, high = low] = sorted.slice(below, below + 2);
  const share = place - below;
  // Which end it is counted from matters for the last bit.
  return share < 0.5 ? low + (high - low) * share : high - (high - low) * (1 - share);
}

/** The score of what one sequence has generated, over windows of this size. */
export function scoreOf({ segments }: Trie, threadId: string, window: number): number {
  const confidences = new ConfidenceWindow(window);
  for (const segment of segments) {
    const { maker, sampled } = segment;
    if (maker.by !== "model" || maker.threadId !== threadId) continue;
    const columns = columnsOf(segment);
    for (let n = 0; n < (sampled ?? columns.length); n += 1) {
      for (const one of columns.confidences(n)) confidences.push(one);
    }
  }
  return confidences.score;
}
