import type { AssembledText, Insertion } from "../assembly/written.ts";
import { changed, checkLedger, type LedgerCode, type LedgerEntry } from "../edits/ledger.ts";
import { checked, excerpt, type Checked, type Fault } from "../fault.ts";
import { lineStarts, type SourceTrace } from "../trace/trace.ts";
import { checkInsertions, type InsertionCode } from "./insertions.ts";

/** `unaccounted`: the trajectory differs from the source there, and neither the ledger nor an insertion says so. */
export type AlignmentCode = LedgerCode | InsertionCode | "unaccounted";

/** What became of a line of the source. */
export interface AlignedLine {
  readonly line: number;
  readonly fate: "unchanged" | "changed" | "dropped";
  /** Where it stands in the trajectory, in UTF-16 code units. */
  readonly start: number;
  readonly end: number;
  /** The entries of the ledger that change it, from 0. */
  readonly entries: readonly number[];
}

/**
 * The proof that nothing of the source is lost. It does not know how the trajectory was made: without its insertions, the
 * trajectory must be the source with the changes of the ledger, character for character. Gives each line of the reasoning
 * with its place, or the first place where something is missing, changed or added.
 */
export function align(
  trace: SourceTrace,
  ledger: readonly LedgerEntry[],
  assembled: AssembledText,
): Checked<readonly AlignedLine[], AlignmentCode> {
  const faults: Fault<AlignmentCode>[] = [...checkLedger(trace.text, ledger), ...checkInsertions(assembled)];
  if (faults.length > 0) return checked([], faults);
  const expected = changed(trace.text, ledger, 0, trace.text.length);
  const found = withoutInsertions(assembled);
  if (expected !== found) return checked([], [difference(trace, ledger, expected, found)]);
  const starts = lineStarts(trace);
  const places = placed(assembled.insertions);
  return checked(
    trace.lines.map((line, i): AlignedLine => {
      const from = starts[i] ?? 0;
      const to = from + line.length;
      const entries = [...ledger.keys()].filter((n) => touches(ledger[n], from, to));
      const start = afterInsertions(places, afterChanges(ledger, from), true);
      const end = afterInsertions(places, afterChanges(ledger, to), false);
      const fate = entries.length === 0 ? "unchanged" : isDropped(line, from, ledger) ? "dropped" : "changed";
      return { line: i + 1, fate, start, end: Math.max(start, end), entries };
    }),
    [],
  );
}

function withoutInsertions({ text, insertions }: AssembledText): string {
  let result = "";
  let at = 0;
  for (const { start, end, instead } of insertions) {
    result += text.slice(at, start) + instead;
    at = end;
  }
  return result + text.slice(at);
}

function difference(
  trace: SourceTrace,
  ledger: readonly LedgerEntry[],
  expected: string,
  found: string,
): Fault<AlignmentCode> {
  let at = 0;
  while (at < expected.length && expected[at] === found[at]) at += 1;
  const starts = lineStarts(trace).map((start) => afterChanges(ledger, start));
  const next = starts.findIndex((start) => start > at);
  const line = next < 0 ? trace.lines.length : Math.max(1, next);
  const [wanted, given] = [excerpt(expected.slice(at)), excerpt(found.slice(at))];
  const message = `Line ${line} of the source: expected ${wanted}, found ${given}. The ledger has no change there.`;
  return { code: "unaccounted", lines: { first: line, last: line }, message };
}

/** The line feed after a line counts as its own. */
function touches(entry: LedgerEntry | undefined, from: number, to: number): boolean {
  return entry !== undefined && entry.at <= to && entry.at + entry.removed.length > from;
}

function isDropped(line: string, from: number, ledger: readonly LedgerEntry[]): boolean {
  const own = ledger.flatMap(({ at, removed, inserted }) => {
    const [start, end] = [Math.max(0, at - from), Math.min(line.length, at + removed.length - from)];
    return end > start ? [{ at: start, removed: line.slice(start, end), inserted, reason: "" }] : [];
  });
  return line.trim() !== "" && own.length > 0 && changed(line, own, 0, line.length).trim() === "";
}

/** Where a place of the source is once the changes before it were made. */
function afterChanges(ledger: readonly LedgerEntry[], place: number): number {
  return ledger.reduce((moved, { at, removed, inserted }) => {
    if (at >= place) return moved;
    return moved + inserted.length - Math.min(removed.length, place - at);
  }, place);
}

interface Placed {
  /** Where it would stand if there were no insertions before it, and how much of the source it stands for. */
  readonly at: number;
  readonly width: number;
  readonly length: number;
}

function placed(insertions: readonly Insertion[]): Placed[] {
  let added = 0;
  return insertions.map(({ start, end, instead }) => {
    const at = start - added;
    added += end - start - instead.length;
    return { at, width: instead.length, length: end - start };
  });
}

/** A line begins after what was inserted at its place, and ends before it. */
function afterInsertions(places: readonly Placed[], place: number, isBegin: boolean): number {
  return places.reduce((moved, { at, width, length }) => {
    const isBefore = isBegin ? at + width <= place : at + width <= place && at < place;
    return isBefore ? moved + length - width : moved;
  }, place);
}
