import type { Dialect } from "../../src/core/dialects/schema.ts";
import type { RunOptions } from "../../src/run/options.ts";
import type { ResultWithTree } from "../../src/run/result.ts";
import type { Run } from "../../src/run/run.ts";
import type { Runner } from "../../src/run/runner.ts";
import type { Planned } from "../reference/transcript.ts";

export interface Start {
  dialect: Dialect;
  prompt: string;
  /** The branches, where the program plans them. */
  planned?: Planned | undefined;
}

/** Starts a run, or a fork where the program plans it: then without the options that only models' forks have. */
export function startRun(runner: Runner, start: Start, options: RunOptions & { tree: true }): Run<ResultWithTree>;
export function startRun(runner: Runner, start: Start, options: RunOptions): Run;
export function startRun(runner: Runner, { dialect, prompt, planned }: Start, options: RunOptions): Run {
  if (planned === undefined) return runner.run({ prompt }, options);
  const { mode: _mode, maxThreads: _threads, maxForks: _forks, maxDepth: _depth, ...own } = options;
  const branches = planned.branches.map(({ text, ...branch }) => ({ ...branch, continue: text }));
  const combine = (results: readonly { text: string }[]) => planned.combine(results.map(({ text }) => text));
  return runner.fork({ prompt }, branches, { ...own, join: dialect.join.shape === "turn" ? { combine } : "none" });
}

/** What a run of this dialect is resumed with, besides its record. */
export function combineOf({ dialect, planned }: Omit<Start, "prompt">): {
  combine?: (results: readonly { text: string }[]) => string;
} {
  if (planned === undefined || dialect.join.shape !== "turn") return {};
  return { combine: (results) => planned.combine(results.map(({ text }) => text)) };
}

/** A fork that the program plans has no sequential mode. */
export function canBeSequential({ plan }: Dialect): boolean {
  return plan.source !== "host";
}
