import { mean, standardErrorOf } from "./moments.ts";

/** A mean over problems. */
export interface Estimate {
  readonly value: number;
  /** For problems drawn anew: standard deviation over the problems / √problems. `undefined` for one problem. */
  readonly standardError: number | undefined;
  readonly problems: number;
}

export function estimateOf(perProblem: readonly number[]): Estimate {
  return { value: mean(perProblem), standardError: standardErrorOf(perProblem), problems: perProblem.length };
}
