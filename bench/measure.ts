import { setTimeout as sleep } from "node:timers/promises";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

/**
 * Alternating rounds, minima: on a machine that others use too, the least of several rounds is the nearest to the cost
 * itself, and alternating lets a slow stretch hit every variant alike. Figures are only ever compared within one call.
 */
export async function alternate(
  variants: Record<string, () => unknown>,
  { rounds = 9, warmup = 2 }: { rounds?: number; warmup?: number } = {},
): Promise<Record<string, number>> {
  const best: Record<string, number> = {};
  for (let round = -warmup; round < rounds; round += 1) {
    for (const [name, variant] of Object.entries(variants)) {
      const began = performance.now();
      await variant();
      const ms = performance.now() - began;
      if (round >= 0) best[name] = Math.min(best[name] ?? Infinity, ms);
    }
  }
  return best;
}

/** One line a figure: what, how much, against what, and the goal where there is one. */
export function report(what: string, value: string, goal = ""): void {
  console.log(`${what.padEnd(58)} ${value.padStart(16)}   ${goal}`);
}

let collect: (() => void) | undefined;

/** Bytes that are reachable: heap and buffers after a collection. */
export function reachable(): number {
  if (collect === undefined) {
    setFlagsFromString("--expose-gc");
    collect = runInNewContext("gc") as () => void;
  }
  for (let i = 0; i < 3; i += 1) collect();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}

/** Takes so much processor time in each of so many steps, and says how long that took. It shows what the machine adds. */
export async function spin(load: { steps: number; stepMs: number; busyMs: number }): Promise<number> {
  const { steps, stepMs, busyMs } = load;
  const began = performance.now();
  for (let step = 1; step <= steps; step += 1) {
    const cpu = process.cpuUsage();
    for (let used = 0; used < busyMs * 1e3; used = usedSince(cpu));
    const left = began + step * stepMs - performance.now();
    if (left > 0) await sleep(left);
  }
  return performance.now() - began;
}

function usedSince(before: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(before);
  return user + system;
}

/** The middle one; of an even count, the upper of the two in the middle. */
export function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? NaN;
}
