import { readings } from "./answer/read.ts";
import { choiceOf, hasWords, wordsKey } from "./answer/words.ts";
import { compareAnswers } from "./compare/answers.ts";
import { Context } from "./compare/context.ts";
import type { Policy } from "./policy.ts";
import { policies, policyOf, type PolicyName } from "./presets.ts";
import { trim } from "./answer/split.ts";
import { keyOf, type Token } from "./read/token.ts";
import { tokenize } from "./read/tokenize.ts";
import { Steps, WorkLimit } from "./steps.ts";
import { verdict, type Verdict } from "./verdict.ts";

/** Longer answers are not read: no final answer is. */
export const maxLength = 10_000;

/**
 * Whether two answers are equal, and what decided it. Each is one answer as it would stand in a box, in TeX or plain text:
 * for whole texts, use `extractAnswer` first. Never throws for what is in the answers, and its work is bounded by
 * `policy.maxSteps`. Symmetric unless the policy's tolerance is one of the reference, which is `a`.
 *
 * @param policy a preset's name or a policy of `definePolicy`; by default `default`.
 * @throws `invalid_option` where there is no policy of that name.
 */
export function equal(a: string, b: string, policy: PolicyName | Policy = policies.default): Verdict {
  const { equal, rule } = compareTexts(a, b, typeof policy === "string" ? policyOf(policy) : policy);
  return { equal, rule };
}

/**
 * Whether an answer is understood, as mathematics or as words. One that is not equals only its own text, so a reference
 * that is not readable would make right answers wrong. Never throws for what is in the answer.
 *
 * @param policy a preset's name or a policy of `definePolicy`; by default `default`.
 * @throws `invalid_option` where there is no policy of that name.
 */
export function isReadable(answer: string, policy: PolicyName | Policy = policies.default): boolean {
  const chosen = typeof policy === "string" ? policyOf(policy) : policy;
  if (answer.length > maxLength) return false;
  const steps = new Steps(chosen.maxSteps);
  try {
    const tokens = trim(tokenize(bare(answer), steps));
    if (tokens.length === 0) return false;
    return hasWords(tokens) || readings(tokens, chosen, steps).some(({ kind }) => kind !== "words");
  } catch (error) {
    if (error instanceof WorkLimit) return false;
    throw error;
  }
}

/**
 * Answers of one key are equal by every policy, since they are the same text up to how it is set. So a list of answers can be
 * sorted by key before each is compared with each.
 */
export function textKey(answer: string): string {
  const itself = `text ${answer}`;
  if (answer.length > maxLength) return itself;
  try {
    const tokens = trim(tokenize(bare(answer), new Steps(policies.default.maxSteps)));
    if (tokens.length > 0) return keyOf(tokens);
  } catch (error) {
    if (!(error instanceof WorkLimit)) throw error;
  }
  return itself;
}

/** A verdict, and the work that it took. */
export function compareTexts(a: string, b: string, policy: Policy): Verdict & { readonly steps: number } {
  const steps = new Steps(policy.maxSteps);
  return { ...decided(a, b, policy, steps), steps: steps.used };
}

function decided(a: string, b: string, policy: Policy, steps: Steps): Verdict {
  if (a.length > maxLength || b.length > maxLength) return verdict(false, "too-long");
  try {
    return compareTokens(trim(tokenize(bare(a), steps)), trim(tokenize(bare(b), steps)), policy, steps);
  } catch (error) {
    if (error instanceof WorkLimit) return verdict(false, "work-limit");
    throw error;
  }
}

function compareTokens(a: readonly Token[], b: readonly Token[], policy: Policy, steps: Steps): Verdict {
  if (a.length === 0 || b.length === 0) return verdict(false, "nothing");
  if (keyOf(a) === keyOf(b)) return verdict(true, "same");
  const context = new Context(policy, steps);
  const [left, right] = [readings(a, policy, steps), readings(b, policy, steps)];
  let first: Verdict | undefined;
  for (const one of left) {
    for (const other of right) {
      const found = compareAnswers(one, other, context);
      if (found.equal) return found;
      first ??= found;
    }
  }
  return asWords(a, b, policy) ?? first ?? verdict(false, "unreadable");
}

/** Words are compared as words; undefined where that finds nothing. */
function asWords(a: readonly Token[], b: readonly Token[], policy: Policy): Verdict | undefined {
  const articles = policy.words === "keep";
  const [left, right] = [wordsKey(a, { articles }), wordsKey(b, { articles })];
  if (left === choiceOf(b) || right === choiceOf(a)) return verdict(true, "words");
  if (!hasWords(a) && !hasWords(b)) return undefined;
  return left === right && left !== "" ? verdict(true, "words") : undefined;
}

/** Without the stars of markdown around it, and without backslashes that were escaped once too often. */
function bare(text: string): string {
  const trimmed = text.trim();
  const inner =
    trimmed.startsWith("**") && trimmed.endsWith("**") && trimmed.length > 4 ? trimmed.slice(2, -2) : trimmed;
  return inner.includes(String.raw`\begin`) ? inner : inner.replaceAll(/\\\\(?=[A-Za-z{}%$])/g, "\\");
}
