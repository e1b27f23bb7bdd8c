import { equal as equalAnswers } from "../../grade/equal.ts";
import { extractAnswer } from "../../grade/extract/extract.ts";
import { ThreadweaverError } from "../../errors.ts";
import { messageOf } from "../failure.ts";
import { describe } from "../input.ts";
import type { AnswerEquality, AnswerRule } from "./options.ts";

/** What finds answers, and what compares them. */
export interface Answers {
  readonly answerIn: (text: string) => string | undefined;
  readonly equal: (a: string, b: string) => boolean;
}

/** @returns functions that throw `invalid_option` where a function of the user throws, or returns something else. */
export function answersBy({ answer, equal }: { answer: AnswerRule; equal: AnswerEquality }): Answers {
  return {
    answerIn:
      typeof answer === "function" ? (text) => found(answer, text) : (text) => extractAnswer(text, answer).answer,
    equal:
      equal === "text"
        ? (a, b) => a === b
        : typeof equal === "function"
          ? remembered((a, b) => called("equal", () => equal(a, b)))
          : remembered((a, b) => equalAnswers(a, b, equal).equal),
  };
}

/** The same answers are compared again at each ending, and the grader takes much longer for that than a look-up. */
function remembered(equal: Answers["equal"]): Answers["equal"] {
  const known = new Map<string, Map<string, boolean>>();
  return (a, b) => {
    let others = known.get(a);
    if (others === undefined) known.set(a, (others = new Map()));
    let verdict = others.get(b);
    if (verdict === undefined) others.set(b, (verdict = equal(a, b)));
    return verdict;
  };
}

function found(answer: (text: string) => unknown, text: string): string | undefined {
  const value = called("answer", () => answer(text));
  if (value === undefined || typeof value === "string") return value;
  const message = `answer returned ${describe(value)}; it must return the answer as a string, or undefined where there is none`;
  throw new ThreadweaverError("invalid_option", message);
}

/** Calls a function of the user's. */
export function called<T>(name: string, work: () => T): T {
  try {
    return work();
  } catch (cause) {
    if (ThreadweaverError.isInstance(cause)) throw cause;
    throw new ThreadweaverError("invalid_option", `${name} threw: ${messageOf(cause)}`, { cause });
  }
}
