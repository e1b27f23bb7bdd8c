import { mean, quantile } from "./moments.ts";
import { checkSamples, latency, type Samples } from "./samples.ts";

/** Latencies of all samples together, in the unit that they were given in. */
export interface WallClock {
  readonly mean: number;
  readonly median: number;
  /** Nine of ten samples took no longer. */
  readonly p90: number;
  readonly samples: number;
}

/**
 * What a user waits for one answer. Problems with more samples weigh more here.
 *
 * @throws `invalid_option` if there is no problem, or a latency is not above 0.
 * @experimental
 */
export function wallClock(latencies: Samples): WallClock {
  const sorted = Float64Array.from(checkSamples(latencies, latency, "latencies").flat()).toSorted();
  return {
    mean: mean(sorted),
    median: quantile(sorted, 0.5),
    p90: quantile(sorted, 0.9),
    samples: sorted.length,
  };
}
