import { resolveLimits } from "../../core/limits/limits.ts";
import { align, type AlignedLine } from "../alignment/align.ts";
import { allAnswered } from "../ask/all-answered.ts";
import type { Asker } from "../ask/asker.ts";
import { askUntilFit } from "../ask/until-fit.ts";
import { assemble } from "../assembly/assemble.ts";
import { blocksCriticalPath, blocksOf } from "../dependencies/blocks.ts";
import { graphCriticalPath } from "../dependencies/graph.ts";
import { readNeeds } from "../dependencies/read.ts";
import type { Fault } from "../fault.ts";
import { keepOrNot } from "../filter/keep.ts";
import { layoutOf } from "../layout/layout.ts";
import { isKept, setAside, type Outcome } from "../filter/outcome.ts";
import { needsQuestion } from "../prompts/needs.ts";
import { stepsQuestion } from "../prompts/steps.ts";
import { stepLengths } from "../steps/lengths.ts";
import { readSteps } from "../steps/read.ts";
import { readTrace } from "../trace/read.ts";
import { lineStarts, spanOf } from "../trace/trace.ts";
import { planBlock } from "./block.ts";
import type { RewriteOptions, TraceSource } from "./options.ts";
import type { LineFates, RewriteWork } from "./work.ts";

/**
 * Rewrites one sequential text as a parallel trajectory (stage 1). It asks for the steps, for what each of them needs, and for
 * each block that follows from that for edits and outlines. What cannot be done is set aside, with its reasons.
 *
 * @throws `invalid_option` for a format in which no trajectory can be written; what a run throws.
 */
export async function rewriteTrace(
  { id, question, trace: text, reference }: TraceSource,
  asker: Asker,
  options: RewriteOptions,
): Promise<Outcome<RewriteWork>> {
  const { dialect, tries = 3, measure } = options;
  layoutOf(dialect);
  const work: RewriteWork = {};
  const aside = (step: string, faults: readonly Fault[]): Outcome<RewriteWork> => ({
    id,
    kept: [],
    setAside: [setAside({ id }, step, faults)],
    work,
  });

  const read = readTrace(text, options);
  if (read.value === undefined) return aside("trace", read.faults);
  const trace = read.value;
  work.lines = trace.lines.length;

  const steps = await askUntilFit(asker, {
    step: "steps",
    messages: stepsQuestion(question, trace),
    read: (reply) => readSteps(reply, trace),
    tries,
  });
  if (steps.value === undefined) return aside("steps", steps.faults);
  work.steps = steps.value;

  const starts = lineStarts(trace);
  const texts = steps.value.map((step) => {
    const { from, to } = spanOf(starts, step);
    return { title: step.title, text: trace.text.slice(from, to) };
  });
  const needs = await askUntilFit(asker, {
    step: "needs",
    messages: needsQuestion(question, texts),
    read: (reply) => readNeeds(reply, texts.length),
    tries,
  });
  if (needs.value === undefined) return aside("needs", needs.faults);
  work.needs = needs.value;

  const lengths = stepLengths(trace, steps.value, measure);
  const { forks: maxBlocks, threads: most } = resolveLimits({}, dialect.limits);
  const maxThreads = Math.min(options.maxThreads ?? most, most);
  const blocks = blocksOf(needs.value, lengths, { maxThreads, maxBlocks });
  work.paths = {
    text: lengths.reduce((sum, length) => sum + length, 0),
    graph: graphCriticalPath(needs.value, lengths),
    blocks: blocksCriticalPath(blocks, lengths),
  };

  const about = { asker, problem: question, trace, steps: steps.value, options };
  const planned = await allAnswered(blocks.map((block) => planBlock(block, about)));
  work.blocks = planned.map((one) => one.work);
  work.ledger = planned.flatMap(({ ledger }) => ledger);
  const usable = planned.flatMap(({ block }) => block ?? []);
  const [firstGivenUp] = planned.flatMap((one) => one.work.givenUp ?? []);
  // A trace all of whose blocks were given up is not one that has none.
  if (usable.length === 0 && firstGivenUp !== undefined) return aside(firstGivenUp.step, firstGivenUp.faults);

  const assembled = assemble({ dialect, trace, steps: steps.value, blocks: usable, ledger: work.ledger });
  if (assembled.value === undefined) return aside("assembly", assembled.faults);
  const aligned = align(trace, work.ledger, assembled.value);
  if (aligned.value === undefined) return aside("alignment", aligned.faults);
  work.alignment = aligned.value;
  work.fates = fatesOf(aligned.value);
  const finished = { question, text: assembled.value.text };
  const made = keepOrNot({ id }, finished, { ...options, reference: reference ?? trace.answer });
  return { id, kept: isKept(made) ? [made] : [], setAside: isKept(made) ? [] : [made], work };
}

function fatesOf(lines: readonly AlignedLine[]): LineFates {
  const count = (fate: AlignedLine["fate"]) => lines.filter((line) => line.fate === fate).length;
  return { unchanged: count("unchanged"), changed: count("changed"), dropped: count("dropped") };
}
