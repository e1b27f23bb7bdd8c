import { ThreadweaverError } from "../errors.ts";
import { equal } from "../grade/equal.ts";
import { extractAnswer } from "../grade/extract/extract.ts";
import type { ResultWithTree } from "../run/result.ts";
import type { Runner } from "../run/runner.ts";
import {
  checkRollouts,
  otherSampling,
  wholly,
  type CheckedRollouts,
  type RolloutOptions,
  type RolloutProblem,
} from "./options.ts";
import { wholeDistribution } from "./sampling.ts";

/** What names a rollout. */
export interface RolloutKey {
  /** Of its problem: its group. */
  readonly id: string;
  /** Which of its group, from 0. */
  readonly sample: number;
}

/** One sampled answer to a problem, judged. */
export interface Rollout extends RolloutKey {
  readonly correct: boolean;
  /** What was found in the text; null where nothing was. */
  readonly answer: string | null;
  /** With its tree: ids, log-probabilities, and what the server says of its weights. */
  readonly result: ResultWithTree;
}

/** A rollout that has no result: its engine failed, or its prompt cannot be run. */
export interface RolloutFailure extends RolloutKey {
  readonly error: ThreadweaverError;
}

/**
 * Samples groups of rollouts, on any engine that returns ids and log-probabilities, and judges each as soon as it is
 * over. They come in the order in which they end. Rewards and advantages need whole groups: `groupRows`.
 *
 * @throws `invalid_option` for options that cannot be used; what `runner.batch` throws where it ends early.
 */
export async function* rollOut(
  runner: Pick<Runner, "batch">,
  problems: Iterable<RolloutProblem> | AsyncIterable<RolloutProblem>,
  options: RolloutOptions = {},
): AsyncGenerator<Rollout | RolloutFailure, void, undefined> {
  const how = checkRollouts(options);
  const sampled = { ...how.batch, ...wholeDistribution, samples: how.group, logprobs: true, tree: true };
  for await (const { problem, sample, result, error } of runner.batch(checked(problems), sampled)) {
    const { id } = problem;
    if (result === undefined) yield { id, sample, error };
    else yield { id, sample, ...judged(result.content, problem.answer, how), result: withTree(result) };
  }
}

/** Options of a problem stand above those of all: one that is drawn in another way must not pass. */
async function* checked(
  problems: Iterable<RolloutProblem> | AsyncIterable<RolloutProblem>,
): AsyncGenerator<RolloutProblem, void, undefined> {
  for await (const problem of problems) {
    const other = otherSampling(problem.options);
    if (other !== undefined)
      throw new ThreadweaverError("invalid_option", `Problem ${problem.id} says ${other}, and rollouts are ${wholly}.`);
    yield problem;
  }
}

function judged(content: string, right: string, { extract, grading }: CheckedRollouts) {
  const { answer = null } = extractAnswer(content, extract);
  return { answer, correct: answer !== null && equal(right, answer, grading).equal };
}

function withTree(result: { readonly tree?: unknown }): ResultWithTree {
  if (result.tree === undefined) throw new ThreadweaverError("internal", "a run with tree: true has no tree");
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- it was looked at
  return result as ResultWithTree;
}
