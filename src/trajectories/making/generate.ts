import { ThreadweaverError } from "../../errors.ts";
import { BudgetSpent } from "../ask/spending.ts";
import { inOrder } from "./in-order.ts";
import { setAside, type Outcome } from "../filter/outcome.ts";
import { Selection, type SelectOptions } from "./select.ts";

export interface GenerateOptions<S extends { readonly id: string }, W> extends SelectOptions {
  readonly sources: Iterable<S> | AsyncIterable<S>;
  /** Makes texts of one source, such as `(source) => rewriteTrace(source, asker, options)`. */
  readonly make: (source: S) => Promise<Outcome<W>>;
  /** Gets each outcome, in the order of the sources. What it throws ends the generation. */
  readonly onOutcome: (outcome: Outcome<W>) => void;
  /** Is called as soon as a source is done, in any order. */
  readonly onDone?: ((failed: boolean) => void) | undefined;
  /** Sources at once. @defaultValue 8 */
  readonly concurrency?: number | undefined;
  /** Ends the generation after so many failures of the engine in a row. @defaultValue 10 */
  readonly stopAfter?: number | undefined;
}

export interface Generated {
  /** Sources whose engine failed. A later generation with the same journal makes them. */
  readonly failed: number;
  /** What ended it before the last source: a spent budget, an abort, an engine that was lost. */
  readonly early: { readonly error: unknown } | undefined;
}

/** Failures that say nothing of the engine: the source cannot be asked about. */
const sourcesOwn: ReadonlySet<string> = new Set(["context_exceeded", "invalid_prompt"]);
/** Failures after which nothing else can be asked. */
const everybodys: ReadonlySet<string> = new Set(["invalid_option", "invalid_dialect", "file", "closed", "internal"]);

/**
 * Makes texts of all sources, some at once.
 *
 * @throws `invalid_option` for two sources with one id; what the source of sources and `onOutcome` throw.
 */
export async function generate<S extends { readonly id: string }, W>(
  options: GenerateOptions<S, W>,
): Promise<Generated> {
  const { sources, onOutcome, concurrency = 8 } = options;
  const selection = new Selection(options);
  const work = new Work(options);
  for await (const outcome of inOrder(unique(sources), concurrency, (source) => work.make(source))) {
    // What comes after a gap is made again from the journal, when the gap is closed.
    if (outcome === undefined) break;
    onOutcome(selection.select(outcome));
  }
  return work;
}

class Work<S extends { readonly id: string }, W> implements Generated {
  failed = 0;
  early: { readonly error: unknown } | undefined;
  #failuresInRow = 0;
  readonly #options: GenerateOptions<S, W>;

  constructor(options: GenerateOptions<S, W>) {
    this.#options = options;
  }

  /** Undefined where the generation ended before its end. */
  async make(source: S): Promise<Outcome<W> | undefined> {
    if (this.early !== undefined) return undefined;
    const { make, onDone } = this.#options;
    try {
      const outcome = await make(source);
      this.#failuresInRow = 0;
      onDone?.(false);
      return outcome;
    } catch (error) {
      return this.#failure(source, error);
    }
  }

  #failure({ id }: S, error: unknown): Outcome<W> | undefined {
    if (error instanceof BudgetSpent || (ThreadweaverError.isInstance(error) && error.code === "aborted")) {
      this.early ??= { error };
      return undefined;
    }
    if (!ThreadweaverError.isInstance(error) || everybodys.has(error.code)) throw error;
    const { code, message } = error;
    const isOwn = sourcesOwn.has(code);
    if (!isOwn) {
      this.failed += 1;
      this.#failuresInRow += 1;
      if (this.#failuresInRow >= (this.#options.stopAfter ?? 10)) this.early ??= { error };
    }
    this.#options.onDone?.(!isOwn);
    return { id, kept: [], setAside: [setAside({ id }, isOwn ? "prompt" : "engine", [{ code, message }])] };
  }
}

async function* unique<S extends { readonly id: string }>(
  sources: Iterable<S> | AsyncIterable<S>,
): AsyncGenerator<S, void, undefined> {
  const ids = new Set<string>();
  for await (const source of sources) {
    const { id } = source;
    if (ids.has(id)) {
      const message = `Two sources have the id ${JSON.stringify(id)}. Ids must be unique.`;
      throw new ThreadweaverError("invalid_option", message);
    }
    ids.add(id);
    yield source;
  }
}
