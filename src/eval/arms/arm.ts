import { policyInWords } from "../../core/policies/bundled/policy-text.ts";
import type { JoinPolicy } from "../../core/policies/policy.ts";
import { ThreadweaverError } from "../../errors.ts";
import type { ArmInfo } from "../ledger/header.ts";

/** The ways to answer a problem, and what each is for. */
export const armKinds = {
  sequential: "the plain question, without a word about the format",
  "one-pass": "the format, decoded in one pass without forks",
  "fork-join": "the format, with threads side by side",
  "threads-in-turn":
    "as fork-join, one thread after the other, from the same seeds: without parallel execution. Texts differ where a server's rounding depends on what it computes at once",
  budget: "sequential, closed after as many tokens as the critical path of the fork-join sample of the same problem",
  attempts:
    "N attempts at the plain question and their vote: attempts-N, or with policies attempts-N:quorum:3+deadline:30000",
} as const satisfies Record<ArmInfo["kind"], string>;

/**
 * Reads an arm as it is written: a kind, and after `@` the name of the endpoint that answers, such as `fork-join@draft`.
 *
 * @throws `invalid_option` that says what can be written.
 */
export function readArm(text: string): ArmInfo {
  const [what = "", endpoint = "default", ...more] = text.split("@");
  if (more.length > 0 || endpoint === "") throw refused(text, "after @ stands the name of one endpoint");
  const [, count, words] = /^attempts-(\d+)(?::(.+))?$/.exec(what) ?? [];
  if (count !== undefined) return attemptsArm(text, Number(count), endpoint, words);
  if (what === "attempts" || !isKind(what)) {
    const kinds = Object.keys(armKinds).map((kind) => (kind === "attempts" ? "attempts-N" : kind));
    throw refused(text, `there are ${kinds.join(", ")}`);
  }
  return { name: text, kind: what, endpoint };
}

/** The policies of an arm, made. */
export function policiesOf({ policies = [] }: Pick<ArmInfo, "policies">): JoinPolicy[] {
  return policies.map((words) => {
    const policy = policyInWords(words);
    if (typeof policy === "string") throw refused(words, policy);
    return policy;
  });
}

function attemptsArm(name: string, attempts: number, endpoint: string, words: string | undefined): ArmInfo {
  if (attempts < 1 || attempts > 4096) throw refused(name, "it takes 1 to 4096 attempts");
  const policies = words?.split("+");
  if (policies !== undefined) policiesOf({ policies });
  return { name, kind: "attempts", endpoint, attempts, ...(policies && { policies }) };
}

function isKind(word: string): word is ArmInfo["kind"] {
  return Object.hasOwn(armKinds, word);
}

function refused(text: string, why: string): ThreadweaverError {
  return new ThreadweaverError("invalid_option", `The arm ${JSON.stringify(text)} cannot be used: ${why}.`);
}
