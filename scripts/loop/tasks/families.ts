import { product, sum, type Step } from "./steps.ts";
import type { Part, Thread } from "./texts.ts";

/** Gives whole numbers from 0 to below n. */
export type Draw = (n: number) => number;

/** What a family makes: a formula, its steps in an order in which they can be done, and how they part into threads. */
interface Made {
  readonly formula: string;
  readonly steps: readonly Step[];
  /** Undefined where nothing can stand side by side. */
  readonly parts: readonly Part[] | undefined;
  /** Of a chain: a fork that looks right and is not, since its threads do not have what they need. */
  readonly decoy?: { readonly parts: readonly Part[]; readonly answer: number };
}

const split = "Split into products.";

/** Products side by side, then one sum after the other: `64*27+14*89+33*21`. */
function sums(draw: Draw): Made {
  const steps = new Steps(draw);
  const terms = Array.from({ length: 2 + draw(3) }, () => steps.chain(1));
  const joins = steps.sumsOf(terms.map(({ last }) => last));
  return {
    formula: terms.map(({ formula }) => formula).join("+"),
    steps: steps.all,
    parts: [{ say: split, threads: terms.map(threadOf) }, { steps: joins }],
  };
}

/** Two sums in brackets: products side by side, then the sums of the brackets, then one sum: `(a*b+c*d)+(e*f+g*h)`. */
function nested(draw: Draw): Made {
  const steps = new Steps(draw);
  const terms = [0, 1, 2, 3].map(() => steps.chain(1));
  const [a, b, c, d] = terms.map(({ last }) => last);
  if (a === undefined || b === undefined || c === undefined || d === undefined) throw new Error("four terms");
  const pairs = [steps.sumsOf([a, b]), steps.sumsOf([c, d])];
  const joins = steps.sumsOf(pairs.flat());
  const [w, x, y, z] = terms.map(({ formula }) => formula);
  return {
    formula: `(${w}+${x})+(${y}+${z})`,
    steps: steps.all,
    parts: [
      { say: split, threads: terms.map(threadOf) },
      { say: "Add in pairs.", threads: pairs.map((own) => ({ title: own[0]?.title ?? "", steps: own })) },
      { steps: joins },
    ],
  };
}

/** Each product begins with the last two digits of the one before it, so nothing can stand side by side: `64*27~14~89`. */
function chain(draw: Draw): Made {
  const steps = new Steps(draw);
  const { formula, own } = steps.chain(2 + draw(2));
  const numbers = formula.split(/[*~]/).map(Number);
  const guesses = numbers.slice(1).map((number, i) => product(i, numbers[i] ?? 0, number));
  const threads = guesses.map((guess) => ({ title: guess.title, steps: [guess] }));
  const answer = guesses.at(-1)?.value ?? 0;
  return { formula, steps: own, parts: undefined, decoy: { parts: [{ say: split, threads }], answer } };
}

/** A sum whose terms take unequally long: some are chains. `64*27~14+33*21`. */
function mixed(draw: Draw): Made {
  const steps = new Steps(draw);
  const count = 2 + draw(2);
  const long = draw(count);
  const terms = Array.from({ length: count }, (_, i) => steps.chain(i === long ? 2 : 1));
  const joins = steps.sumsOf(terms.map(({ last }) => last));
  return {
    formula: terms.map(({ formula }) => formula).join("+"),
    steps: steps.all,
    parts: [{ say: split, threads: terms.map(threadOf) }, { steps: joins }],
  };
}

export const families = { sums, nested, chain, mixed } as const;
export type Family = keyof typeof families;

interface Term {
  readonly formula: string;
  readonly own: readonly Step[];
  readonly last: Step;
}

/** The steps of one task, numbered as they are made. */
class Steps {
  readonly all: Step[] = [];
  readonly #draw: Draw;

  constructor(draw: Draw) {
    this.#draw = draw;
  }

  /** So many products, each of which begins with the last two digits of the one before it. */
  chain(length: number): Term {
    const [first, second] = [this.#number(), this.#number()];
    const own = [this.#add(product(this.all.length, first, second))];
    let formula = `${first}*${second}`;
    let last = own[0]!;
    while (own.length < length) {
      const next = this.#number();
      last = this.#add(product(this.all.length, last.value % 100, next, [last.id]));
      own.push(last);
      formula += `~${next}`;
    }
    return { formula, own, last };
  }

  /** One sum after the other. */
  sumsOf(terms: readonly Step[]): Step[] {
    const made: Step[] = [];
    terms.reduce((left, right) => {
      const step = this.#add(sum(this.all.length, left, right));
      made.push(step);
      return step;
    });
    return made;
  }

  #number(): number {
    return 11 + this.#draw(89);
  }

  #add(step: Step): Step {
    this.all.push(step);
    return step;
  }
}

function threadOf({ formula, own }: Term): Thread {
  return { title: formula, steps: own };
}
