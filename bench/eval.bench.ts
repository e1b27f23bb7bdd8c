import { seededRandom, speedUp, type IntervalMethod } from "../src/eval/index.ts";
import { drawLatencies } from "../test/eval/statistics/simulate.ts";
import { report } from "./measure.ts";

const problems = 500;
const samples = 16;

/** Seconds for the three speed-ups of a large evaluation with their intervals, from 10,000 replicas. */
export async function evalBench(): Promise<void> {
  const arms = drawLatencies(seededRandom(1), problems, samples);
  const time = (method: IntervalMethod): string => {
    const began = performance.now();
    speedUp(arms, { method, random: seededRandom(2) });
    return `${((performance.now() - began) / 1000).toFixed(2)} s`;
  };
  const what = `eval: speed-ups of ${problems} problems x ${samples} samples`;
  report(`${what}, t`, time("t"));
  report(`${what}, percentile`, time("percentile"), "goal: seconds");
  report(`${what}, bca`, time("bca"), "goal: seconds");
  report(`${what}, two-stage`, time("two-stage"), "goal: seconds");
}
