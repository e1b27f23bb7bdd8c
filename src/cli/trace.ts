import type { Dialect } from "../core/dialects/schema.ts";
import type { Engine } from "../engine/engine.ts";
import type { RunOptions } from "../run/options.ts";
import type { LineFile } from "./line-file.ts";
import { dialectData } from "./load-dialect.ts";

export interface TracedRun {
  readonly dialect: Dialect;
  readonly engine: Engine;
  readonly options: RunOptions;
  readonly input: "prompt" | "messages";
}

/**
 * Records a run: what it was, then all that goes into its machine. A line that cannot be written does not end the run;
 * `finish` throws for it.
 */
export class Trace {
  readonly #file: LineFile;
  #failure: unknown;

  constructor(file: LineFile) {
    this.#file = file;
  }

  begin({ dialect, engine, options, input }: TracedRun): void {
    const { contextTokens, name, model } = engine;
    this.#write({ trace: 1, dialect: dialectData(dialect), engine: name, model, contextTokens, options, input });
  }

  readonly onInput: NonNullable<RunOptions["onInput"]> = (input) => this.#write(input);

  finish(): void {
    if (this.#failure !== undefined) throw this.#failure;
  }

  #write(line: unknown): void {
    if (this.#failure !== undefined) return;
    try {
      this.#file.write(line);
    } catch (error) {
      this.#failure = error;
    }
  }
}
