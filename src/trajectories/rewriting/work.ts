import type { AlignedLine } from "../alignment/align.ts";
import type { Needs } from "../dependencies/graph.ts";
import type { LedgerEntry } from "../edits/ledger.ts";
import type { Fault, LineRange } from "../fault.ts";
import type { Step } from "../steps/step.ts";

/** Why a block stays as it was: written in one piece. */
export interface GivenUp {
  readonly step: string;
  readonly faults: readonly Fault[];
}

/** A block, and what was asked about it. */
export interface BlockWork {
  /** The lines of each thread. */
  readonly threads: readonly LineRange[];
  readonly outlines?: readonly string[] | undefined;
  readonly summary?: string | undefined;
  readonly givenUp?: GivenUp | undefined;
}

/** How long all is, and how long it takes at least, in the unit of lengths. */
export interface Paths {
  readonly text: number;
  /** If every step began as soon as what it needs is there. */
  readonly graph: number;
  /** With the blocks. */
  readonly blocks: number;
}

/** What became of the lines of a trace. */
export interface LineFates {
  readonly unchanged: number;
  readonly changed: number;
  readonly dropped: number;
}

/** What was found on the way, step by step, as far as a trace came. */
export interface RewriteWork {
  lines?: number;
  steps?: readonly Step[];
  needs?: Needs;
  paths?: Paths;
  blocks?: readonly BlockWork[];
  ledger?: readonly LedgerEntry[];
  fates?: LineFates;
  alignment?: readonly AlignedLine[];
}
