import { isDone, isLoss } from "../../core/machine/ending.ts";
import type { JoinPolicy, Sibling } from "../../core/policies/policy.ts";
import { countVotes, type Vote } from "../../core/policies/vote.ts";
import type { Answers } from "../policies/answers.ts";
import type { RunResult, RunWarning, ThreadResult } from "../result.ts";
import type { AttemptVote } from "./options.ts";

/** One attempt at a question. */
export interface AttemptResult extends ThreadResult {
  /** What was found in its text; undefined where nothing was, and where it was cut or failed. */
  answer: string | undefined;
  /** How sure the model was of it, where a policy or the vote needs that. */
  score?: number | undefined;
  /** Whether its answer counted. */
  voted: boolean;
}

/** What attempts at one question have come to. */
export interface AttemptsResult extends RunResult {
  /** The answer with the most votes. Undefined: no attempt had one. */
  answer: string | undefined;
  /** All answers, the heaviest first. */
  votes: Vote[];
  /** In the order in which they were started: attempt 1 has the name "1". It is the same list as `threads`. */
  attempts: AttemptResult[];
  threads: AttemptResult[];
  /**
   * Tokens that were not generated because attempts were cut: what the ones that ended by themselves took on average, less
   * what each that was cut had. An estimate, of which `from` says on how many attempts it stands. 0 where that is 0.
   */
  saved: { tokens: number; from: number; estimated: true };
}

export interface AttemptsSetup extends Answers {
  readonly policies: readonly JoinPolicy[];
  readonly vote: AttemptVote;
  /** Undefined where it was not measured. */
  readonly scoreOf: (threadId: string) => number | undefined;
}

/**
 * Counts the votes of attempts. `text` and `content` are those of the attempt that gave the answer: of several, the one
 * with the highest score, else the first. An attempt that a policy cut is not missing, so `complete` does not mean it.
 */
export function attemptsResult(result: RunResult, setup: AttemptsSetup): AttemptsResult {
  const { threads } = result;
  const siblings = threads.map((thread, index) => siblingOf(thread, index, setup));
  const { policies, vote, equal } = setup;
  const voters = siblings.filter((one) => votes(one, siblings, policies));
  const counted = countVotes(voters, equal, (one) => (vote === "confidence" ? (one.confidence?.score ?? 0) : 1));
  const attempts = threads.map((thread, i): AttemptResult => {
    const { answer, confidence } = siblings[i] ?? {};
    const score = confidence && { score: confidence.score };
    return { ...thread, answer, ...score, voted: voters.some(({ index }) => index === i) };
  });
  const incomplete = result.incomplete.filter(({ ending }) => ending.kind !== "cut");
  const [first] = counted;
  const text = first === undefined ? "" : (speakerOf(first, attempts)?.text ?? "");
  return {
    ...result,
    text,
    content: text,
    complete: incomplete.length === 0 && first !== undefined,
    incomplete,
    warnings: first === undefined ? [...result.warnings, noAnswer(attempts)] : result.warnings,
    answer: first?.answer,
    votes: counted,
    attempts,
    threads: attempts,
    saved: savedBy(siblings),
  };
}

function siblingOf(thread: ThreadResult, index: number, { answerIn, scoreOf }: AttemptsSetup): Sibling {
  const { threadId, name, ending, tokens, ms, text, calls } = thread;
  const score = scoreOf(threadId);
  return {
    index,
    threadId,
    name,
    ending,
    hasBegun: calls.length > 0,
    isDone: isDone(ending),
    tokens,
    criticalTokens: tokens,
    ms,
    text,
    answer: isLoss(ending) ? undefined : answerIn(text),
    confidence: score === undefined ? undefined : { lowest: undefined, score },
  };
}

function votes(one: Sibling, siblings: readonly Sibling[], policies: readonly JoinPolicy[]): boolean {
  return one.answer !== undefined && policies.every((policy) => policy.votes?.(one, siblings) ?? true);
}

function speakerOf({ attempts: indices }: Vote, attempts: readonly AttemptResult[]): AttemptResult | undefined {
  let best: AttemptResult | undefined;
  for (const index of indices) {
    const one = attempts[index];
    if (one !== undefined && (best === undefined || (one.score ?? 0) > (best.score ?? 0))) best = one;
  }
  return best;
}

function savedBy(siblings: readonly Sibling[]): AttemptsResult["saved"] {
  const done = siblings.filter(({ isDone }) => isDone);
  const mean = done.reduce((sum, { tokens }) => sum + tokens, 0) / Math.max(1, done.length);
  const cut = siblings.filter(({ ending }) => ending?.kind === "cut");
  const saved = cut.reduce((sum, { tokens }) => sum + Math.max(0, mean - tokens), 0);
  return { tokens: done.length === 0 ? 0 : Math.round(saved), from: done.length, estimated: true };
}

function noAnswer(attempts: readonly AttemptResult[]): RunWarning {
  const whole = attempts.filter(({ ending }) => isDone(ending)).length;
  const ran = `${attempts.length} attempts, of which ${whole} came to their end`;
  const message = `no answer was found in any of ${ran}: look at the text of one, and give answer another rule`;
  return { code: "no-answer", message, threadId: "" };
}
