import type { Asker } from "../ask/asker.ts";
import { askUntilFit } from "../ask/until-fit.ts";
import type { PlannedBlock } from "../assembly/parts.ts";
import type { Block } from "../dependencies/blocks.ts";
import { editThreads } from "../edits/in-threads.ts";
import { changed, type LedgerEntry } from "../edits/ledger.ts";
import type { Fault, LineRange } from "../fault.ts";
import { hasSummary, layoutOf } from "../layout/layout.ts";
import { readOutlines } from "../outlines/read.ts";
import { readSummary } from "../outlines/summary.ts";
import { editsQuestion } from "../prompts/edits.ts";
import { outlinesQuestion } from "../prompts/outlines.ts";
import { summaryQuestion } from "../prompts/summary.ts";
import type { Step } from "../steps/step.ts";
import { lineStarts, spanOf, type SourceTrace } from "../trace/trace.ts";
import type { RewriteOptions } from "./options.ts";
import type { BlockWork, GivenUp } from "./work.ts";

/** A block that can be assembled, or one that is given up. */
export interface Planned {
  readonly block: PlannedBlock | undefined;
  readonly ledger: readonly LedgerEntry[];
  readonly work: BlockWork;
}

interface About {
  readonly asker: Asker;
  readonly problem: string;
  readonly trace: SourceTrace;
  readonly steps: readonly Step[];
  readonly options: RewriteOptions;
}

/** Asks for the edits of a block, then for its outlines, and for its summary where the format has one. */
export async function planBlock(block: Block, { asker, problem, trace, steps, options }: About): Promise<Planned> {
  const { dialect, tries = 3 } = options;
  const lines = block.threads.map((range) => linesOf(range, steps));
  const starts = lineStarts(trace);
  const context = trace.text.slice(trace.from, starts[(lines[0]?.first ?? 1) - 1]);
  const textsWith = (ledger: readonly LedgerEntry[]): string[] =>
    lines.map((range) => {
      const { from, to } = spanOf(starts, range);
      return changed(trace.text, ledger, from, to);
    });
  const giveUp = (step: string, faults: readonly Fault[]): Planned => {
    const givenUp: GivenUp = { step, faults };
    return { block: undefined, ledger: [], work: { threads: lines, givenUp } };
  };

  const edits = await askUntilFit(asker, {
    step: "edits",
    messages: editsQuestion(problem, context, textsWith([])),
    read: (reply) => editThreads(reply, trace, lines, options),
    tries,
  });
  if (edits.value === undefined) return giveUp("edits", edits.faults);
  const ledger = edits.value;
  const threads = textsWith(ledger);

  const outlines = await askUntilFit(asker, {
    step: "outlines",
    messages: outlinesQuestion(problem, context, threads),
    read: (reply) => readOutlines(reply, { dialect, context: `${problem}\n${context}`, threads }),
    tries,
  });
  if (outlines.value === undefined) return giveUp("outlines", outlines.faults);

  const about = { threads: lines, outlines: outlines.value };
  const planned = { threads: block.threads, outlines: outlines.value };
  if (!hasSummary(layoutOf(dialect))) return { block: planned, ledger, work: about };
  const summary = await askUntilFit(asker, {
    step: "summary",
    messages: summaryQuestion(problem, context, threads),
    read: (reply) => readSummary(reply, dialect),
    tries,
  });
  if (summary.value === undefined) return giveUp("summary", summary.faults);
  return {
    block: { ...planned, summary: summary.value },
    ledger,
    work: { ...about, summary: summary.value },
  };
}

function linesOf({ first, last }: LineRange, steps: readonly Step[]): LineRange {
  return { first: steps[first - 1]?.first ?? 1, last: steps[last - 1]?.last ?? 1 };
}
