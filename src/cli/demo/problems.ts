import { sumPattern } from "../model-card.ts";
import { usageError } from "../usage.ts";

/** A sum of products, as the bundled model knows them, with 2, 3 and 4 terms. */
const fixed = ["64*27+14*89", "77*54+97*56+88*61", "42*57+38*78+59*21+50*18"];

export interface DemoFlags {
  readonly problem: string | undefined;
  readonly seed: number | undefined;
}

export function demoProblems({ problem, seed }: DemoFlags): readonly string[] {
  if (problem === undefined) return seed === undefined ? fixed : [2, 3, 4].map((terms) => randomSum(terms, seed));
  if (seed !== undefined) throw usageError("--problem and --seed exclude each other.", "demo");
  if (sumPattern.test(problem)) return [problem];
  throw usageError(
    `--problem ${JSON.stringify(problem)} is nothing the bundled model knows: 2 to 4 products of numbers from 11 to 99, such as 64*27+14*89.`,
    "demo",
  );
}

/** What the sum is, by real arithmetic. */
export function valueOf(sum: string): number {
  return sum
    .split("+")
    .map((product) => product.split("*").reduce((value, factor) => value * Number(factor), 1))
    .reduce((a, b) => a + b, 0);
}

/** The answer that a text gives; undefined where it gives none. */
export function boxedAnswer(text: string): number | undefined {
  const digits = /\\boxed\{(\d+)\}/.exec(text)?.[1];
  return digits === undefined ? undefined : Number(digits);
}

function randomSum(terms: number, seed: number): string {
  const next = chanceFrom(seed * 8 + terms);
  const factor = (): number => 11 + Math.floor(next() * 89);
  return Array.from({ length: terms }, () => `${factor()}*${factor()}`).join("+");
}

/** mulberry32: from 0 to below 1, always the same for one seed. */
function chanceFrom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let bits = Math.imul(state ^ (state >>> 15), state | 1);
    bits = (bits + Math.imul(bits ^ (bits >>> 7), bits | 61)) ^ bits;
    return ((bits ^ (bits >>> 14)) >>> 0) / 2 ** 32;
  };
}
