import type { AnswerTokens } from "./journal.ts";

/** What a million tokens cost, in whatever currency. */
export interface Prices {
  readonly input: number;
  readonly output: number;
  /** Of input that the engine had in its cache. @defaultValue that of `input` */
  readonly cachedInput?: number | undefined;
}

/** Where a generation stops. What it was asked before, and found in its files again, counts too. */
export interface Budget {
  /** Sent and generated, together. @defaultValue unlimited */
  readonly tokens?: number | undefined;
  /** In the currency of the prices. @defaultValue unlimited */
  readonly cost?: number | undefined;
}

/** What one step took, over all sources. */
export interface StepSpending {
  /** Questions that were answered. */
  questions: number;
  prompt: number;
  /** Null where an engine did not say it for every answer. */
  cached: number | null;
  generated: number;
}

/** No question is asked any more. */
export class BudgetSpent extends Error {
  override readonly name = "BudgetSpent";
}

/** What was spent, step by step. */
export class Spending {
  readonly steps = new Map<string, StepSpending>();
  readonly #prices: Prices | undefined;
  readonly #budget: Budget;

  constructor(prices: Prices | undefined, budget: Budget = {}) {
    this.#prices = prices;
    this.#budget = budget;
  }

  add(step: string, { prompt, cached, generated }: AnswerTokens): void {
    const sum = this.steps.get(step) ?? { questions: 0, prompt: 0, cached: 0, generated: 0 };
    this.steps.set(step, {
      questions: sum.questions + 1,
      prompt: sum.prompt + prompt,
      cached: sum.cached === null || cached === null ? null : sum.cached + cached,
      generated: sum.generated + generated,
    });
  }

  get tokens(): number {
    return [...this.steps.values()].reduce((sum, { prompt, generated }) => sum + prompt + generated, 0);
  }

  /** Undefined without prices. */
  get cost(): number | undefined {
    if (this.#prices === undefined) return undefined;
    return [...this.steps.values()].reduce((sum, step) => sum + (this.costOf(step) ?? 0), 0);
  }

  costOf({ prompt, cached, generated }: StepSpending): number | undefined {
    if (this.#prices === undefined) return undefined;
    const { input, output, cachedInput = input } = this.#prices;
    const known = cached ?? 0;
    return ((prompt - known) * input + known * cachedInput + generated * output) / 1e6;
  }

  /** @throws `BudgetSpent`. */
  requireRoom(): void {
    const { tokens = Infinity, cost = Infinity } = this.#budget;
    if (this.tokens >= tokens) throw new BudgetSpent(`The budget of ${tokens} tokens is spent.`);
    if ((this.cost ?? 0) >= cost) throw new BudgetSpent(`The budget of ${cost} is spent.`);
  }
}
