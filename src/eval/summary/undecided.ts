import type { AnswerCounts, UndecidedAnswer } from "./summary.ts";
import { compareNames } from "./tally.ts";

const shownAnswer = 200;
const mostListed = 100;

/** Answers for a person to look at: all are counted, and the first ones are kept, whatever order they come in. */
export class Undecided {
  #count = 0;
  #first: UndecidedAnswer[] = [];

  add({ answer, ...where }: UndecidedAnswer): void {
    this.#count += 1;
    // A slice keeps the whole answer in memory; a clone of it does not.
    this.#first.push({ ...where, answer: structuredClone(answer.slice(0, shownAnswer)) });
    if (this.#first.length >= 2 * mostListed) this.#first = this.#sorted();
  }

  toSummary(): AnswerCounts["undecided"] {
    return { count: this.#count, first: this.#sorted() };
  }

  #sorted(): UndecidedAnswer[] {
    const byPlace = (a: UndecidedAnswer, b: UndecidedAnswer): number =>
      compareNames(a.problem, b.problem) || a.sample - b.sample;
    return this.#first.toSorted(byPlace).slice(0, mostListed);
  }
}
