import type { Dialect } from "../../core/dialects/schema.ts";
import type { ExtractionRule } from "../../grade/extract/extract.ts";
import type { Policy } from "../../grade/policy.ts";
import type { PolicyName } from "../../grade/presets.ts";
import type { Measure } from "../steps/lengths.ts";

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

export interface RewriteOptions {
  /** The target format: one that `assemble` can write. */
  readonly dialect: Dialect;
  /** How often a question is asked until its answer fits. @defaultValue 3 */
  readonly tries?: number | undefined;
  /** How the answer is found. @defaultValue `auto` */
  readonly answer?: ExtractionRule | undefined;
  /** When it is right. @defaultValue `default` */
  readonly policy?: PolicyName | Policy | undefined;
  /** The most threads of a block. @defaultValue the format's, else 64 */
  readonly maxThreads?: number | undefined;
  /** As for `applyEdits`. @defaultValue 12 */
  readonly maxEdits?: number | undefined;
  /** As for `applyEdits`. @defaultValue 0.3 */
  readonly maxShare?: number | undefined;
  /** As for `filterTrajectory`. @defaultValue 0.5 */
  readonly minBalance?: number | undefined;
  /** As for `filterTrajectory`. @defaultValue 0.05 */
  readonly minGain?: number | undefined;
  /** The unit of lengths. @defaultValue characters without the white space around them */
  readonly measure?: Measure | undefined;
  /** Whether traces without a block are kept, as they are. @defaultValue false */
  readonly allowSequential?: boolean | undefined;
}
