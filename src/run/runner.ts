import pLimit from "p-limit";
import { z } from "zod";
import { dialects } from "../core/dialects/bundled/index.ts";
import { sequential } from "../core/dialects/dialect.ts";
import type { Dialect } from "../core/dialects/schema.ts";
import type { Engine } from "../engine/engine.ts";
import { ThreadweaverError } from "../errors.ts";
import { createClock, type Clock } from "./clock.ts";
import { RunLoop } from "./loop.ts";
import { checkOptions, describe, type RunInput, type RunOptions } from "./options.ts";
import { Run } from "./run.ts";

export interface RunnerOptions {
  /** What continues sequences: `llamaEngine(…)` or `createEngine(…)`, awaited. */
  engine: Engine;
  /** The format that the model was trained on; a bundled one also by its name. */
  dialect: Dialect | string;
  /** Requests at once, over all runs of this runner. @defaultValue what the engine takes, else 64 */
  concurrency?: number | undefined;
  /** All that runs know of time. @defaultValue createClock() */
  clock?: Clock | undefined;
  /** Names a run for the engine. @defaultValue crypto.randomUUID */
  createId?: (() => string) | undefined;
  /** From 0 to below 1: the seeds of runs that name none. @defaultValue Math.random */
  random?: (() => number) | undefined;
}

export interface Runner {
  /**
   * Starts a run at once. The handle tells its events to those who listen, and has its `result`. Throws only for options
   * that cannot be used; everything else rejects `result`.
   */
  run(input: RunInput, options?: RunOptions): Run;
}

const aFunction = z.custom<(...args: never[]) => unknown>((value) => typeof value === "function", "must be a function");

const optionsSchema = z.strictObject({
  engine: z.custom<Engine>(),
  dialect: z.custom<Dialect | string>(),
  concurrency: z.int().min(1).optional(),
  clock: z.object({ now: aFunction, schedule: aFunction }, "must have now() and schedule(at, wake)").optional(),
  createId: aFunction.optional(),
  random: aFunction.optional(),
});

/** Binds an engine and a dialect; runs share nothing but the engine's slots. Throws `invalid_option`. */
export function createRunner(options: RunnerOptions): Runner {
  const parsed = optionsSchema.safeParse(options);
  if (!parsed.success) {
    throw new ThreadweaverError("invalid_option", `options of createRunner:\n${z.prettifyError(parsed.error)}`);
  }
  const { random = Math.random, createId = () => crypto.randomUUID(), clock = createClock() } = options;
  const engine = checkEngine(options.engine);
  const dialect = checkDialect(options.dialect);
  const slots = pLimit(options.concurrency ?? engine.parallelCalls ?? 64);
  return {
    run(input, runOptions = {}) {
      const checked = checkOptions(runOptions);
      const loop = new RunLoop({
        engine,
        dialect: checked.mode === "sequential" ? sequential(dialect) : dialect,
        slots,
        clock,
        id: createId(),
        seed: checked.seed ?? Math.floor(random() * 2 ** 31),
        options: checked,
        onInput: runOptions.onInput,
        onEvent: runOptions.onEvent,
      });
      return new Run(loop, input, runOptions.signal);
    },
  };
}

/** Throws `invalid_option`, saying what to write instead. */
function checkEngine(engine: unknown): Engine {
  const isThenable = typeof engine === "object" && engine !== null && "then" in engine;
  if (isThenable) {
    throw new ThreadweaverError("invalid_option", "engine is a promise: write `engine: await createEngine(…)`");
  }
  if (isEngine(engine)) return engine;
  throw new ThreadweaverError(
    "invalid_option",
    `engine is ${describe(engine)}; it must be what \`await createEngine(…)\` or \`await llamaEngine(…)\` gives, or an ` +
      "object that implements Engine (complete, tokenizer, contextTokens)",
  );
}

function isEngine(value: unknown): value is Engine {
  return (
    typeof value === "object" &&
    value !== null &&
    "complete" in value &&
    typeof value.complete === "function" &&
    "tokenizer" in value &&
    typeof value.tokenizer === "object" &&
    "contextTokens" in value &&
    typeof value.contextTokens === "number"
  );
}

function checkDialect(dialect: unknown): Dialect {
  const known = Object.keys(dialects).join(", ");
  if (typeof dialect === "string") {
    const found = dialects[dialect];
    if (found !== undefined) return found;
    throw new ThreadweaverError(
      "invalid_option",
      `there is no dialect ${JSON.stringify(dialect)}; bundled are ${known}`,
    );
  }
  if (isDialect(dialect)) return dialect;
  throw new ThreadweaverError(
    "invalid_option",
    `dialect is ${describe(dialect)}; it must be a bundled dialect (${known}), its name, or what defineDialect gives`,
  );
}

function isDialect(value: unknown): value is Dialect {
  return typeof value === "object" && value !== null && "trigger" in value && "join" in value && "context" in value;
}
