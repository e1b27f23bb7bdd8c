/**
 * Parallel trajectories for training (docs/trajectories.md). Stage 1 rewrites sequential traces: `rewriteTrace` asks a model,
 * and pure parts check what it answers, assemble the text and prove that nothing is lost. Stages 1b and 2 sample:
 * `sampleProblem` lets a model write texts itself. `generate` does either for many sources, with a journal of all answers.
 *
 * @experimental The names may change until trainers have used it.
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
export { editThreads, type ThreadEditCode } from "./edits/in-threads.ts";
export type { LedgerCode, LedgerEntry } from "./edits/ledger.ts";
export { readOutlines, type OutlineCode, type OutlineOptions } from "./outlines/read.ts";
export { readSummary, type SummaryCode } from "./outlines/summary.ts";
export { assemble } from "./assembly/assemble.ts";
export type { AssemblyCode } from "./assembly/check.ts";
export type { AssemblyParts, PlannedBlock } from "./assembly/parts.ts";
export type { AssembledText, Insertion } from "./assembly/written.ts";
export { align, type AlignedLine, type AlignmentCode } from "./alignment/align.ts";
export type { InsertionCode } from "./alignment/insertions.ts";
export { filterTrajectory, type Filtered, type FilterOptions, type RejectionCode } from "./filter/filter.ts";
export { Answers, type Made } from "./ask/answers.ts";
export { Asker, type AskOptions, type Reply } from "./ask/asker.ts";
export { memoryJournal, type AnswerTokens, type Journal, type JournalEntry } from "./ask/journal.ts";
export { JournalFile, type JournalHeader, type Opening } from "./ask/journal-file.ts";
export { BudgetSpent, Spending, type Budget, type Prices, type StepSpending } from "./ask/spending.ts";
export { promptVersions } from "./prompts/index.ts";
export { rewriteTrace } from "./rewriting/rewrite.ts";
export type { RewriteOptions, TraceSource } from "./rewriting/options.ts";
export type { BlockWork, GivenUp, LineFates, Paths, RewriteWork } from "./rewriting/work.ts";
export { Sampler, type SamplerOptions } from "./sampling/sampler.ts";
export { sampleProblem, type SampleWork } from "./sampling/sample.ts";
export type { ProblemSource, SampledRun, SampleOptions } from "./sampling/options.ts";
export { generate, type Generated, type GenerateOptions } from "./making/generate.ts";
export type { Kept, Outcome, Place, SetAside } from "./filter/outcome.ts";
export type { SelectOptions } from "./making/select.ts";
export { Tally, type Reason, type StepCost, type Yield } from "./card/tally.ts";
export { dataCard, type CardSubject } from "./card/card.ts";
