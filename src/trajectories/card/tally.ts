import type { Spending } from "../ask/spending.ts";
import type { Outcome } from "../filter/outcome.ts";

/** The cost of one step, in tokens and, where prices were given, in money. */
export interface StepCost {
  readonly step: string;
  readonly questions: number;
  readonly prompt: number;
  readonly cached: number | null;
  readonly generated: number;
  readonly cost: number | null;
}

/** A reason why texts were not kept, and how many. */
export interface Reason {
  readonly step: string;
  readonly code: string;
  readonly count: number;
  /** The first source that it was given for. */
  readonly example: { readonly id: string; readonly message: string };
}

/** A generation in numbers. */
export interface Yield {
  /** Sources that were finished, and those of which something was kept. */
  readonly sources: number;
  readonly withText: number;
  readonly kept: { readonly parallel: number; readonly sequential: number };
  /** Most frequent first. */
  readonly reasons: readonly Reason[];
  /** Of parallel texts. */
  readonly texts: {
    readonly blocks: number;
    readonly threads: number;
    readonly length: number;
    readonly criticalPath: number;
  };
  readonly costs: readonly StepCost[];
}

/** Adds outcomes up. Nothing of them is held. */
export class Tally {
  #sources = 0;
  #withText = 0;
  readonly #kept = { parallel: 0, sequential: 0 };
  readonly #texts = { blocks: 0, threads: 0, length: 0, criticalPath: 0 };
  readonly #reasons = new Map<string, { -readonly [K in keyof Reason]: Reason[K] }>();

  add({ kept, setAside }: Outcome): void {
    this.#sources += 1;
    if (kept.length > 0) this.#withText += 1;
    for (const { kind, blocks, threads, length } of kept) {
      this.#kept[kind] += 1;
      if (kind === "sequential") continue;
      this.#texts.blocks += blocks;
      this.#texts.threads += threads;
      this.#texts.length += length.total;
      this.#texts.criticalPath += length.criticalPath;
    }
    for (const { id, step, code, message } of setAside) {
      const reason = this.#reasons.get(`${step}\n${code}`);
      if (reason === undefined)
        this.#reasons.set(`${step}\n${code}`, { step, code, count: 1, example: { id, message } });
      else reason.count += 1;
    }
  }

  yield(spending: Spending): Yield {
    return {
      sources: this.#sources,
      withText: this.#withText,
      kept: { ...this.#kept },
      reasons: [...this.#reasons.values()].toSorted((a, b) => b.count - a.count),
      texts: { ...this.#texts },
      costs: [...spending.steps].map(([step, sums]) => ({ step, ...sums, cost: spending.costOf(sums) ?? null })),
    };
  }
}
