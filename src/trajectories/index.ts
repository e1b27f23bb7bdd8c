/**
 * Sequential traces as parallel trajectories (docs/trajectories.md): the parts that need no model. Pure: no I/O, no clock,
 * no chance.
 *
 * @experimental The names may change until the part that asks models is there.
 * @packageDocumentation
 */
export type { Checked, Fault, LineRange } from "./fault.ts";
export { readTrace, type ReadTraceOptions, type TraceCode } from "./trace/read.ts";
export type { SourceTrace } from "./trace/trace.ts";
export { numberedLines, readNumbered } from "./trace/numbered.ts";
export type { ReplyCode } from "./reply/json.ts";
export { readSteps } from "./steps/read.ts";
export { checkSteps, type StepCode } from "./steps/check.ts";
export type { Step } from "./steps/step.ts";
export { stepLengths, type Measure } from "./steps/lengths.ts";
export { readNeeds, type NeedsCode } from "./dependencies/read.ts";
export { graphCriticalPath, type Needs } from "./dependencies/graph.ts";
export { blocksCriticalPath, blocksOf, type Block, type BlockOptions, type StepRange } from "./dependencies/blocks.ts";
export { readEdits, type Edit } from "./edits/read.ts";
export { applyEdits, type EditCode, type EditOptions } from "./edits/apply.ts";
export type { LedgerCode, LedgerEntry } from "./edits/ledger.ts";
export { assemble } from "./assembly/assemble.ts";
export type { AssemblyCode } from "./assembly/check.ts";
export type { AssemblyParts, PlannedBlock } from "./assembly/parts.ts";
export type { AssembledText, Insertion } from "./assembly/written.ts";
export { align, type AlignedLine, type AlignmentCode } from "./alignment/align.ts";
export type { InsertionCode } from "./alignment/insertions.ts";
export { filterTrajectory, type Filtered, type FilterOptions, type RejectionCode } from "./filter/filter.ts";
