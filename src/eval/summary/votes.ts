import { createHash } from "node:crypto";
import type { Sample } from "../ledger/sample.ts";
import type { Ballots } from "../statistics/majority.ts";
import { compareNames } from "./tally.ts";

/** Longer answers are no final answers: they are kept as digests, so only the same text is equal to them. */
const longestAnswer = 1000;

interface Answer {
  count: number;
  right: boolean;
}

/** A class of equal answers. */
export interface VoteClass {
  readonly answer: string;
  readonly right: boolean;
}

/** The right answer, whatever it is: a ledger has scores and no references. */
const reference: VoteClass = { answer: "", right: true };

/** For `majorityAtK`: what a class is equal to is known before. */
export const sameClass = (one: VoteClass, other: VoteClass): boolean =>
  one === reference ? other.right : one === other;

/** The answers to one problem: each text once, however many samples gave it. */
export class Votes {
  readonly #answers = new Map<string, Answer>();
  #none = 0;

  add({ answer, score }: Pick<Sample, "answer" | "score">): void {
    if (answer === null) {
      this.#none += 1;
      return;
    }
    const key = answer.length > longestAnswer ? `sha256 ${digestOf(answer)}` : answer;
    const found = this.#answers.get(key);
    if (found === undefined) this.#answers.set(key, { count: 1, right: score === 1 });
    else found.count += 1;
  }

  /** Every vote by its class of equal answers. The order of the samples does not matter. */
  toBallots(equal: (one: string, other: string) => boolean): Ballots<VoteClass> {
    const classes: VoteClass[] = [];
    const votes: (VoteClass | undefined)[] = [];
    for (const [answer, { count, right }] of [...this.#answers].sort(([a], [b]) => compareNames(a, b))) {
      let found = classes.find((other) => equal(other.answer, answer));
      if (found === undefined) classes.push((found = { answer, right }));
      for (let vote = 0; vote < count; vote += 1) votes.push(found);
    }
    for (let vote = 0; vote < this.#none; vote += 1) votes.push(undefined);
    return { answers: votes, reference };
  }
}

function digestOf(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}
