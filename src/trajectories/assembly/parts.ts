import type { Dialect } from "../../core/dialects/schema.ts";
import type { Block } from "../dependencies/blocks.ts";
import type { LedgerEntry } from "../edits/ledger.ts";
import type { Step } from "../steps/step.ts";
import type { SourceTrace } from "../trace/trace.ts";

/** What a trajectory is assembled from. */
export interface AssemblyParts {
  readonly dialect: Dialect;
  readonly trace: SourceTrace;
  readonly steps: readonly Step[];
  readonly blocks: readonly PlannedBlock[];
  readonly ledger: readonly LedgerEntry[];
}

/** A block with the texts that the source does not have. */
export interface PlannedBlock extends Block {
  /** One for each thread: one line, without tags. */
  readonly outlines: readonly string[];
  /** What the threads found, for formats whose blocks end with it. */
  readonly summary?: string | undefined;
}
