import { equal } from "../../grade/equal.ts";
import { extractAnswer } from "../../grade/extract/extract.ts";
import { definePolicy, type Policy } from "../../grade/policy.ts";
import { policyOf } from "../../grade/presets.ts";
import type { Problem } from "../datasets/problem.ts";
import type { Sample } from "../ledger/sample.ts";
import type { Protocol } from "../protocol/protocol.ts";

export type Scored = Pick<Sample, "score" | "answer" | "found" | "decided">;

/** What counts as right for a problem: the protocol's policy, with the problem's own tolerance. */
export function gradingOf({ grading }: Pick<Protocol, "grading">): (problem: Problem) => Policy {
  const policy = policyOf(grading);
  return ({ tolerance }) =>
    tolerance === undefined ? policy : definePolicy({ tolerance: { absolute: tolerance } }, policy);
}

/** Finds the answer in a text, and compares it with the reference. */
export function scoreText(
  text: string,
  problem: Problem,
  { answer }: Pick<Protocol, "answer">,
  policy: Policy,
): Scored {
  const found = extractAnswer(text, answer);
  if (found.answer === undefined) return { score: 0, answer: null, found: found.why, decided: null };
  return { ...scoreAnswer(found.answer, problem, policy), found: found.rule };
}

/** Compares an answer that is known already. */
export function scoreAnswer(answer: string, problem: Problem, policy: Policy): Omit<Scored, "found"> {
  const verdict = equal(problem.answer, answer, policy);
  return { score: verdict.equal ? 1 : 0, answer, decided: verdict.rule };
}
