import { dialectData } from "../../core/dialects/dialect.ts";
import type { Dialect } from "../../core/dialects/schema.ts";
import type { Engine } from "../../engine/engine.ts";
import type { RunInput } from "../../run/input.ts";
import type { RunOptions } from "../../run/options.ts";
import type { ResultWithTree } from "../../run/result.ts";
import { createRunner, type Runner } from "../../run/runner.ts";
import type { Answers } from "../ask/answers.ts";
import { tokensOf } from "../ask/asker.ts";
import type { JournalEntry } from "../ask/journal.ts";

/** What of a run its text does not depend on. */
export interface SamplerOptions extends Pick<RunOptions, "retry" | "signal"> {
  /** Requests at once, over all runs. @defaultValue what the engine takes, else 64 */
  readonly concurrency?: number | undefined;
}

/** Lets a model write whole texts, in runs with parallel threads. */
export class Sampler {
  readonly dialect: Dialect;
  readonly #answers: Answers;
  readonly #runner: Runner;
  readonly #model: string;
  readonly #options: SamplerOptions;

  constructor(engine: Engine, dialect: Dialect, answers: Answers, options: SamplerOptions = {}) {
    this.dialect = dialect;
    this.#answers = answers;
    this.#model = engine.model;
    this.#options = options;
    this.#runner = createRunner({ engine, dialect, concurrency: options.concurrency });
  }

  /**
   * One run. @param options all that its text depends on, its seed among them.
   *
   * @throws `BudgetSpent`, and what a run throws.
   */
  async run(input: RunInput, options: RunOptions & { seed: number }): Promise<ResultWithTree> {
    const about = { model: this.#model, dialect: dialectData(this.dialect), input, options };
    const { retry, signal } = this.#options;
    const value = await this.#answers.get("run", about, async () => {
      const result = await this.#runner.run(input, { ...options, retry, signal, tree: true }).result;
      return { value: asJson(result), tokens: tokensOf(result) };
    });
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- it was written from one
    return value as unknown as ResultWithTree;
  }
}

/** As it comes back from a file. */
function asJson(result: ResultWithTree): JournalEntry["value"] {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- what JSON.parse gives is JSON
  return JSON.parse(JSON.stringify(result)) as JournalEntry["value"];
}
