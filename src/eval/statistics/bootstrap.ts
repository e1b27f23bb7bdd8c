import { drawIndex, type Random } from "./random.ts";
import type { Pair } from "./samples.ts";

/** The numbers that one problem gives, or their means over problems. */
export type Row = readonly number[];

/** What is drawn from: the problems of two arms, and what of each is averaged. */
export interface Bootstrap {
  readonly pairs: readonly Pair[];
  readonly rows: readonly Row[];
  /** A problem's row from the means of its samples. */
  readonly rowOf: (baseline: number, candidate: number) => Row;
}

interface Drawing {
  readonly replicas: number;
  readonly random: Random;
  /** Whether the samples of each arm are drawn anew inside each problem. */
  readonly samplesToo: boolean;
}

/** The mean rows of as many problems, drawn with putting back: both arms of a problem stay together. */
export function drawReplicas({ pairs, rows, rowOf }: Bootstrap, { replicas, random, samplesToo }: Drawing): Row[] {
  const count = rows.length;
  const drawRow = (problem: number): Row => {
    const pair = samplesToo ? pairs[problem] : undefined;
    if (pair === undefined) return rows[problem] ?? [];
    return rowOf(drawMean(pair.baseline, random), drawMean(pair.candidate, random));
  };
  return Array.from({ length: replicas }, () => {
    const sums = Array.from({ length: rows[0]?.length ?? 0 }, () => 0);
    for (let drawn = 0; drawn < count; drawn += 1) {
      const row = drawRow(drawIndex(random, count));
      for (let i = 0; i < sums.length; i += 1) sums[i] = (sums[i] ?? 0) + (row[i] ?? 0);
    }
    return sums.map((sum) => sum / count);
  });
}

function drawMean(samples: readonly number[], random: Random): number {
  let sum = 0;
  for (let drawn = 0; drawn < samples.length; drawn += 1) sum += samples[drawIndex(random, samples.length)] ?? 0;
  return sum / samples.length;
}
