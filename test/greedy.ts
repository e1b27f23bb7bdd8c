import type { ResultWithTree } from "../src/run/result.ts";
import type { RunOptions } from "../src/run/options.ts";
import type { RunInput } from "../src/run/input.ts";
import type { Run } from "../src/run/run.ts";
import type { Runner } from "../src/run/runner.ts";

export interface GreedyRunner {
  run(input: RunInput, options?: RunOptions): Run<ResultWithTree>;
}

/** Runs that take the likeliest tokens unless they say otherwise, so that texts can be compared, and that keep their tree. */
export function greedy(runner: Runner): GreedyRunner {
  return { run: (input, options) => runner.run(input, { temperature: 0, ...options, tree: true }) };
}
