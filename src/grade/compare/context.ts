import type { Policy } from "../policy.ts";
import type { Steps } from "../steps.ts";
import type { Complex } from "../value/complex.ts";
import { exact } from "../value/exact.ts";
import { namesIn, some, type Expression } from "../value/expression.ts";
import type { Rational } from "../value/rational.ts";
import { lettersFor, type Letters } from "../value/letters.ts";
import { evaluate } from "../value/sample.ts";

/** What one comparison knows: its policy, its work, and the values that it has found already. */
export class Context {
  readonly policy: Policy;
  readonly steps: Steps;
  readonly #facts = new WeakMap<Expression, Facts>();

  constructor(policy: Policy, steps: Steps) {
    this.policy = policy;
    this.steps = steps;
  }

  /** Each expression is looked at once, however many others it is compared with. */
  facts(expression: Expression): Facts {
    const known = this.#facts.get(expression);
    if (known !== undefined) return known;
    const facts: Facts = {
      exact: exact(expression, this.steps),
      names: namesIn(expression),
      letters: lettersFor(expression),
      bareLog: some(expression, (part) => part.op === "log" && part.base === undefined),
      samples: new Map(),
    };
    this.#facts.set(expression, facts);
    return facts;
  }

  /** The value at a point. */
  sample(expression: Expression, index: number, logBase: "e" | "10", letters: Letters): Complex {
    const { samples } = this.facts(expression);
    const key = `${index}${logBase}${letters}`;
    const known = samples.get(key);
    if (known !== undefined) return known;
    const value = evaluate(expression, { index, letters, logBase }, this.steps);
    samples.set(key, value);
    return value;
  }
}

export interface Facts {
  readonly exact: Rational | undefined;
  readonly names: ReadonlySet<string>;
  readonly letters: Letters;
  readonly bareLog: boolean;
  readonly samples: Map<string, Complex>;
}

/** What the letters of two expressions stand for: one kind for both. */
export function lettersOf(a: Facts, b: Facts): Letters {
  const kinds = [a.letters, b.letters];
  if (kinds.includes("wide")) return "wide";
  return kinds.includes("signed") ? "signed" : "positive";
}
