import type { Dialect } from "../../core/dialects/schema.ts";
import type { RunInput } from "../../run/input.ts";
import type { RunOptions } from "../../run/options.ts";
import type { Asker } from "../ask/asker.ts";
import type { FilterOptions } from "../filter/filter.ts";

/** A problem that a model is to solve. */
export interface ProblemSource {
  readonly id: string;
  readonly question: string;
  /** The right answer. */
  readonly reference: string;
  /** What is sent. @defaultValue the question, as a message of the user */
  readonly input?: RunInput | undefined;
}

/** What of runs their texts depend on. */
export type SampledRun = Omit<
  RunOptions,
  "seed" | "signal" | "retry" | "recorder" | "onEvent" | "tree" | "metadata" | "mode"
>;

export interface SampleOptions extends Omit<FilterOptions, "dialect" | "reference" | "allowSequential"> {
  readonly run?: SampledRun | undefined;
  /** What the seeds of all runs follow from. @defaultValue 0 */
  readonly seed?: number | undefined;
  /** Runs of a problem, at most. It gets no more when enough are kept. @defaultValue 8 */
  readonly tries?: number | undefined;
  /** Texts that are kept of a problem, at most: the first right ones. @defaultValue 1 */
  readonly perProblem?: number | undefined;
  /**
   * Whether a right text without threads is a candidate where no parallel one was right, so that a model also learns when
   * not to fork. @defaultValue true
   */
  readonly allowSequential?: boolean | undefined;
  /** The format in which texts are kept. @defaultValue that of the runs */
  readonly target?: Dialect | undefined;
  /** Asks for the summaries of blocks, where the target format has them and that of the runs has none. */
  readonly asker?: Asker | undefined;
}
