import { seedOf } from "../calls/seed.ts";

/**
 * The seed of one run of a batch: FNV-1a (32 bits, the lowest dropped) of the UTF-8 bytes of `SEED/ID#SAMPLE`. So one
 * number repeats a batch, the samples of a problem differ, and a problem keeps its seeds wherever it stands.
 *
 * @param id the problem's id as JSON text: `"a"`, `7`, `null`.
 * @param sample counts the runs of the problem from 0.
 */
export function problemSeed(batchSeed: number, id: string, sample: number): number {
  return seedOf(`${batchSeed}/${id}#${sample}`);
}
