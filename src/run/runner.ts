import pLimit from "p-limit";
import { sequential } from "../core/dialects/dialect.ts";
import type { Dialect } from "../core/dialects/schema.ts";
import type { Engine } from "../engine/engine.ts";
import { ThreadweaverError } from "../errors.ts";
import { Execution } from "./execution.ts";
import { checkOptions, type RunInput, type RunOptions } from "./options.ts";
import { Run } from "./run.ts";

export interface RunnerOptions {
  /** What continues sequences: `llamaEngine(…)` or `createEngine(…)`, awaited. */
  engine: Engine;
  /** The format that the model was trained on. */
  dialect: Dialect;
  /** Requests at once, over all runs of this runner. @defaultValue what the engine takes, else 64 */
  concurrency?: number | undefined;
  /** Milliseconds; only differences count. @defaultValue performance.now */
  clock?: (() => number) | undefined;
  /** Names a run for the engine. @defaultValue crypto.randomUUID */
  createId?: (() => string) | undefined;
  /** From 0 to below 1: the seeds of runs that name none. @defaultValue Math.random */
  random?: (() => number) | undefined;
}

export interface Runner {
  /**
   * Starts a run at once. The handle tells its events to whoever iterates it, and has its `result`. Throws only for
   * options that cannot be used; everything else rejects `result`.
   */
  run(input: RunInput, options?: RunOptions): Run;
}

/** Binds an engine and a dialect; runs share nothing but the engine's slots. */
export function createRunner(options: RunnerOptions): Runner {
  const {
    engine,
    dialect,
    clock = () => performance.now(),
    random = Math.random,
    createId = () => crypto.randomUUID(),
  } = options;
  const concurrency = options.concurrency ?? engine.parallelCalls ?? 64;
  if (!(Number.isInteger(concurrency) && concurrency > 0)) {
    throw new ThreadweaverError("invalid_option", `concurrency must be a whole number from 1 on, not ${concurrency}`);
  }
  const slots = pLimit(concurrency);
  return {
    run(input, runOptions = {}) {
      const checked = checkOptions(runOptions);
      const execution = new Execution({
        engine,
        dialect: checked.mode === "sequential" ? sequential(dialect) : dialect,
        slots,
        now: clock,
        id: createId(),
        seed: checked.seed ?? Math.floor(random() * 2 ** 31),
        options: checked,
        onInput: runOptions.onInput,
      });
      return new Run(execution, input, runOptions.signal);
    },
  };
}
