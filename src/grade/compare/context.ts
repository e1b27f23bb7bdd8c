import type { Policy } from "../policy.ts";
import type { Steps } from "../steps.ts";
import type { Complex } from "../value/complex.ts";
import { exact } from "../value/exact.ts";
import { namesIn, some, type Expression } from "../value/expression.ts";
import type { Rational } from "../value/rational.ts";
import { evaluate, isSigned } from "../value/sample.ts";

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
      signed: isSigned(expression),
      bareLog: some(expression, (part) => part.op === "log" && part.base === undefined),
      // Between the whole numbers a floor or an absolute value is not what it is elsewhere.
      realOnly: some(expression, ({ op, ...part }) => op === "function" && "name" in part && steppy.has(part.name)),
      samples: new Map(),
    };
    this.#facts.set(expression, facts);
    return facts;
  }

  /** The value at a point. */
  sample(expression: Expression, index: number, logBase: "e" | "10", signed: boolean): Complex {
    const { samples } = this.facts(expression);
    const key = `${index}${logBase}${String(signed)}`;
    const known = samples.get(key);
    if (known !== undefined) return known;
    const value = evaluate(expression, { index, logBase }, signed, this.steps);
    samples.set(key, value);
    return value;
  }
}

const steppy = new Set(["abs", "floor", "ceil"]);

export interface Facts {
  readonly exact: Rational | undefined;
  readonly names: ReadonlySet<string>;
  readonly signed: boolean;
  readonly bareLog: boolean;
  readonly realOnly: boolean;
  readonly samples: Map<string, Complex>;
}
