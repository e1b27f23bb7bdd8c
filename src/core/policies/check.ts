import { ThreadweaverError } from "../../errors.ts";
import type { JoinPolicy, PolicyNeeds } from "./policy.ts";

/** What policies are to decide about. */
export interface Decidable {
  /** The threads are attempts at one question, or parts of the work. */
  readonly kind: "attempts" | "subtasks";
  /** What they are called, for messages. */
  readonly what: string;
  /** How many there are, if that is known before. */
  readonly count?: number | undefined;
}

/** @throws `invalid_option` for policies that cannot decide about these, or that contradict each other. */
export function checkPolicies(policies: readonly JoinPolicy[], { kind, what, count }: Decidable): void {
  for (const policy of policies) {
    if (kind === "subtasks" && policy.subtasks !== true) {
      throw invalid(
        policy,
        `it is for attempts at one question, and ${what} each do a part of the work, which would be missing. Policies for parts are deadline, criticalTokens and stragglers`,
      );
    }
    const why = count === undefined ? undefined : policy.contradicts?.(count);
    if (why !== undefined) throw invalid(policy, why);
  }
  const [first, ...others] = policies.filter(({ needs }) => needs?.confidence !== undefined);
  const another = others.find(({ needs }) => !isSame(needs, first?.needs));
  if (another !== undefined) throw invalid(another, `another policy needs the confidence over another window`);
}

function isSame(a: PolicyNeeds | undefined, b: PolicyNeeds | undefined): boolean {
  return a?.confidence?.window === b?.confidence?.window && a?.confidence?.topLogprobs === b?.confidence?.topLogprobs;
}

function invalid({ name }: JoinPolicy, why: string): ThreadweaverError {
  return new ThreadweaverError("invalid_option", `The policy ${name} cannot be used here: ${why}.`);
}

/** What several policies need together. */
export function needsOf(policies: readonly JoinPolicy[]): PolicyNeeds {
  return {
    answers: policies.some(({ needs }) => needs?.answers === true),
    tokens: policies.some(({ needs }) => needs?.tokens === true),
    confidence: policies.find(({ needs }) => needs?.confidence !== undefined)?.needs?.confidence,
  };
}
