import { resolveLimits } from "../../core/limits/limits.ts";
import { checkLedger, type LedgerCode } from "../edits/ledger.ts";
import { excerpt, type Fault } from "../fault.ts";
import { hasSummary, layoutOf } from "../layout/layout.ts";
import { targetTag } from "../layout/tags.ts";
import { checkSteps, type StepCode } from "../steps/check.ts";
import type { AssemblyParts, PlannedBlock } from "./parts.ts";

/**
 * Why parts cannot be assembled. `block`: its threads are not neighbours in the order of the text, or there are fewer than
 * two. `too-many`: more threads or blocks than the format has. `outlines`: not one for each thread. `outline`, `summary`:
 * it is empty, has a tag, or has several lines. `ledger`: a change is not one of the source, or not in one part of it.
 * `format`: what comes of the parts is not well-formed, as where a thread is empty.
 */
export type AssemblyCode = StepCode | LedgerCode | "block" | "too-many" | "outlines" | "outline" | "summary" | "format";

/** Finds all that keeps parts from being a trajectory. Items are those of the list that the code is about. */
export function checkParts(parts: AssemblyParts): Fault<AssemblyCode>[] {
  const { steps, trace, blocks, dialect } = parts;
  const faults: Fault<AssemblyCode>[] = [
    ...checkSteps(steps, trace.lines.length),
    ...checkLedger(trace.text, parts.ledger),
  ];
  const { forks, threads } = resolveLimits({}, dialect.limits);
  if (blocks.length > forks) {
    const message = `There are ${blocks.length} blocks: a text of ${dialect.name} has at most ${forks}.`;
    faults.push({ code: "too-many", message });
  }
  let next = 1;
  for (const [i, block] of blocks.entries()) {
    const item = i + 1;
    const add = (code: AssemblyCode, message: string) =>
      faults.push({ code, item, message: `Block ${item}${message}` });
    const wrong = misplaced(block, next, steps.length);
    if (wrong !== undefined) add("block", wrong);
    if (block.threads.length > threads) {
      add("too-many", ` has ${block.threads.length} threads: ${dialect.name} has at most ${threads}.`);
    }
    for (const [code, message] of textFaults(block, parts)) add(code, message);
    next = (block.threads.at(-1)?.last ?? next - 1) + 1;
  }
  return faults;
}

function misplaced({ threads }: PlannedBlock, next: number, count: number): string | undefined {
  if (threads.length < 2) return ` has fewer than two threads.`;
  for (const [i, { first, last }] of threads.entries()) {
    const before = threads[i - 1];
    const follows = before === undefined ? first >= next : first === before.last + 1;
    if (!follows || last < first || last > count) {
      return `: thread ${i + 1} has steps ${first} to ${last}. Threads are neighbours in the order of the steps 1 to ${count}.`;
    }
  }
  return undefined;
}

function* textFaults(block: PlannedBlock, { dialect }: AssemblyParts): Generator<[AssemblyCode, string]> {
  const { outlines, threads, summary } = block;
  if (outlines.length !== threads.length) {
    yield ["outlines", ` has ${threads.length} threads and ${outlines.length} outlines: give one for each thread.`];
  }
  for (const [i, outline] of outlines.entries()) {
    const why = /[\r\n]/.test(outline) ? "has several lines" : unfit(outline, dialect);
    if (why !== undefined) yield ["outline", `: outline ${i + 1} ${why}: ${excerpt(outline)}.`];
  }
  if (!hasSummary(layoutOf(dialect))) {
    if (summary !== undefined) yield ["summary", ` has a summary, which ${dialect.name} does not have.`];
    return;
  }
  const why = unfit(summary ?? "", dialect);
  if (why !== undefined) yield ["summary", `: its summary ${why}: ${excerpt(summary ?? "")}.`];
}

function unfit(text: string, dialect: AssemblyParts["dialect"]): string | undefined {
  if (text.trim() === "") return "is empty";
  const tag = targetTag(dialect, text);
  return tag === undefined ? undefined : `has the tag ${tag.marker}`;
}
