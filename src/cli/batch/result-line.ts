import { ThreadweaverError } from "../../errors.ts";
import type { BatchOutcome } from "../../run/batch/options.ts";
import { summaryOf } from "../../run/build-result.ts";
import type { RunResult } from "../../run/result.ts";
import type { RunMode } from "../../run/events.ts";
import { compare, type Comparison } from "../compare.ts";
import { inFlags } from "../report-error.ts";
import type { BadLine, Problem } from "./problems.ts";

/** What is said of a run that failed. */
interface Failure {
  readonly error: {
    readonly code: string;
    readonly message: string;
    readonly status?: number | undefined;
    readonly retryable?: true;
    readonly attempts?: number;
  };
  /** What had been generated. */
  readonly partial?: RunResult;
}

export type Answer = RunResult | Comparison | Failure;

export function hasFailed(answer: Answer): answer is Failure {
  return "error" in answer;
}

export interface LineSetup {
  /** Which of its runs; undefined where each problem has one. */
  readonly sample: number | undefined;
  /** How the batch was made; undefined for a line that could not be run. */
  readonly batch: Readonly<Record<string, unknown>> | undefined;
}

/** A line of the results. A field of the problem that a result has, too, stands in `input`. */
export function resultLine({ id, fields }: Problem | BadLine, answer: Answer, { sample, batch }: LineSetup): object {
  const own = { id, ...(sample !== undefined && { sample }) };
  const rest = { ...answer, ...(batch && { batch }) };
  const taken = new Set([...Object.keys({ ...own, ...rest }), ...reserved]);
  const [free, inInput] = [false, true].map((isTaken) =>
    Object.fromEntries(Object.entries(fields).filter(([name]) => taken.has(name) === isTaken)),
  );
  const hidden = Object.keys(inInput ?? {}).length === 0 ? {} : { input: inInput };
  return { ...own, ...free, ...hidden, ...rest };
}

/** Fields that not every line has: where one of them stood at the top, its meaning would depend on the outcome. */
const reserved = ["sample", "input", "error", "partial", "metadata", "tree", "batch"];

export interface AnswerSetup {
  /** Whether tokens and owners are kept. */
  readonly tree: boolean;
}

/** What came of one run. */
export function answerOf({ result, error }: BatchOutcome, { tree }: AnswerSetup): RunResult | Failure {
  if (result !== undefined) return tree ? result : summaryOf(result);
  const { code, message, status, retryable, attempts, partial } = error;
  const facts = {
    ...(status !== undefined && { status }),
    ...(retryable && { retryable }),
    ...(attempts > 1 && { attempts }),
  };
  return {
    error: { code, message: inFlags(message), ...facts },
    ...(partial !== undefined && { partial: tree ? partial : summaryOf(partial) }),
  };
}

/** What came of the same problem in all modes of a comparison. The first that failed is the answer. */
export function comparisonOf(byMode: ReadonlyMap<RunMode, RunResult | Failure>): Answer | undefined {
  const failed = [...byMode.values()].find(hasFailed);
  if (failed !== undefined) return failed;
  const of = (mode: RunMode): RunResult | undefined => {
    const answer = byMode.get(mode);
    return answer === undefined || hasFailed(answer) ? undefined : answer;
  };
  const [forkJoin, onePass, sequential] = [of("fork-join"), of("one-pass"), of("sequential")];
  return forkJoin && sequential && compare({ forkJoin, ...(onePass && { onePass }), sequential });
}

export function mistakeOf({ mistake }: BadLine): Failure {
  return { error: { code: "invalid_prompt" satisfies ThreadweaverError["code"], message: mistake } };
}
