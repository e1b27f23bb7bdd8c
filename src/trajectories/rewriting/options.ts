import type { EditOptions } from "../edits/apply.ts";
import type { FilterOptions } from "../filter/filter.ts";

/** A sequential text that is to be rewritten. */
export interface TraceSource {
  readonly id: string;
  /** The task, as it was put to the model that wrote the text. */
  readonly question: string;
  /** The finished text, with its answer. */
  readonly trace: string;
  /** The right answer. @defaultValue the text's own */
  readonly reference?: string | undefined;
}

/** How traces are rewritten. The target format (`dialect`) is one that `assemble` can write. */
export interface RewriteOptions extends Omit<FilterOptions, "reference">, EditOptions {
  /** How often a question is asked until its answer fits. @defaultValue 3 */
  readonly tries?: number | undefined;
  /** The most threads of a block. @defaultValue the format's, else 64 */
  readonly maxThreads?: number | undefined;
}
