import { createHash } from "node:crypto";
import type { Sample } from "../ledger/sample.ts";
import type { Ballots } from "../statistics/majority.ts";
import { compareNames } from "./tally.ts";

/** Longer answers are no final answers: they are kept as digests, so only the same text is equal to them. */
const longestAnswer = 1000;
/** Of one problem. Each takes the grader about a tenth of a millisecond. */
const mostComparisons = 500;

/** How the grader compares answers. */
export interface Comparing {
  readonly equal: (one: string, other: string) => boolean;
  /** Answers of one key are equal. */
  readonly keyOf: (answer: string) => string;
}

/** Every vote by the number of its class: 0 is right, and every other one a class of equal wrong answers. */
export interface Classified extends Ballots<number> {
  /** Wrong answers that were not compared with all others, since there are too many: equal ones may be several classes. */
  readonly uncompared: number;
}

/** The answers to one problem: each text once, however many samples gave it. */
export class Votes {
  #right = 0;
  #none = 0;
  readonly #wrong = new Map<string, number>();

  add({ answer, score }: Pick<Sample, "answer" | "score">): void {
    if (score === 1) this.#right += 1;
    else if (answer === null) this.#none += 1;
    else {
      const key = answer.length > longestAnswer ? digestOf(answer) : answer;
      this.#wrong.set(key, (this.#wrong.get(key) ?? 0) + 1);
    }
  }

  /** The order of the samples does not matter. */
  toBallots(comparing: Comparing): Classified {
    const { classes, uncompared } = this.#classes(comparing);
    const votes = (count: number, vote: number | undefined): (number | undefined)[] =>
      Array.from({ length: count }, () => vote);
    const wrong = classes.flatMap((count, i) => votes(count, i + 1));
    return { answers: [...votes(this.#right, 0), ...wrong, ...votes(this.#none, undefined)], reference: 0, uncompared };
  }

  /** How many votes each class of wrong answers has. What was answered most often is compared first. */
  #classes({ equal, keyOf }: Comparing): { readonly classes: number[]; readonly uncompared: number } {
    const byKey = new Map<string, { readonly answer: string; count: number }>();
    for (const [answer, count] of [...this.#wrong].sort(([a], [b]) => compareNames(a, b))) {
      const key = isDigest(answer) ? answer : keyOf(answer);
      const same = byKey.get(key);
      if (same === undefined) byKey.set(key, { answer, count });
      else same.count += count;
    }
    const classes: { readonly answer: string; count: number }[] = [];
    const alone: number[] = [];
    let [left, uncompared] = [mostComparisons, 0];
    for (const one of [...byKey.values()].sort((a, b) => b.count - a.count)) {
      if (isDigest(one.answer)) alone.push(one.count);
      else if (left < classes.length) {
        alone.push(one.count);
        uncompared += 1;
      } else {
        const at = classes.findIndex(({ answer }) => equal(answer, one.answer));
        left -= at === -1 ? classes.length : at + 1;
        const found = classes[at];
        if (found === undefined) classes.push(one);
        else found.count += one.count;
      }
    }
    return { classes: [...classes.map(({ count }) => count), ...alone], uncompared };
  }
}

const digestMark = "sha256 ";

function digestOf(text: string): string {
  return `${digestMark}${createHash("sha256").update(text).digest("hex")}`;
}

function isDigest(answer: string): boolean {
  return answer.startsWith(digestMark);
}
