import { validateFormat } from "../../core/validation/validate.ts";
import { ThreadweaverError } from "../../errors.ts";
import { changed, type LedgerEntry } from "../edits/ledger.ts";
import { checked, refused, type Checked, type Fault, type LineRange } from "../fault.ts";
import { layoutOf } from "../layout/layout.ts";
import { lineStarts, spanOf } from "../trace/trace.ts";
import { checkParts, type AssemblyCode } from "./check.ts";
import type { AssemblyParts, PlannedBlock } from "./parts.ts";
import { writeBlock } from "./write-block.ts";
import { TextWriter, type AssembledText } from "./written.ts";

/**
 * Assembles the finished text of a trajectory. Equal parts give equal texts. The text has every line of the source in
 * its order, with the changes of the ledger; what else stands in it is listed.
 *
 * @throws `invalid_option` for a format in which no trajectory can be written.
 */
export function assemble(parts: AssemblyParts): Checked<AssembledText, AssemblyCode> {
  layoutOf(parts.dialect);
  const faults = checkParts(parts);
  return faults.length > 0 ? refused(...faults) : new Assembly(parts).write();
}

class Assembly {
  readonly #parts: AssemblyParts;
  readonly #writer = new TextWriter();
  readonly #starts: readonly number[];
  readonly #used = new Set<LedgerEntry>();

  constructor(parts: AssemblyParts) {
    this.#parts = parts;
    this.#starts = lineStarts(parts.trace);
  }

  write(): Checked<AssembledText, AssemblyCode> {
    const { trace, blocks, dialect, ledger } = this.#parts;
    this.#writer.source(trace.text.slice(0, trace.from));
    // The first line that is not written yet.
    let line = 1;
    for (const block of blocks) {
      const first = this.#lineOf(block.threads[0]?.first, "first");
      this.#between({ first: line, last: first - 1 }, line > 1);
      this.#block(block, first > 1);
      line = this.#lineOf(block.threads.at(-1)?.last, "last") + 1;
    }
    this.#between({ first: line, last: trace.lines.length }, line > 1);
    this.#writer.source(trace.text.slice(trace.to));
    const { text, insertions } = this.#writer;
    const malformed = validateFormat(dialect, text).map(({ at, message }) => ({
      code: "format" as const,
      at,
      message,
    }));
    return checked({ dialect: dialect.name, text, insertions }, [...this.#lost(ledger), ...malformed]);
  }

  #lineOf(step: number | undefined, end: keyof LineRange): number {
    const found = this.#parts.steps[(step ?? 0) - 1];
    if (found === undefined) throw new ThreadweaverError("internal", `There is no step ${step}.`);
    return found[end];
  }

  #between(lines: LineRange, isAfterBlock: boolean): void {
    if (lines.last < lines.first) return;
    if (isAfterBlock) this.#writer.insert("structure", "\n", "\n");
    this.#source(lines);
  }

  #source(lines: LineRange): void {
    const { from, to } = spanOf(this.#starts, lines);
    const { trace, ledger } = this.#parts;
    const inside = ledger.filter(({ at, removed }) => at >= from && at + removed.length <= to);
    for (const entry of inside) this.#used.add(entry);
    this.#writer.source(changed(trace.text, inside, from, to));
  }

  #block({ threads, outlines, summary }: PlannedBlock, isAfterLine: boolean): void {
    const thread = (index: number): void => {
      const { first, last } = threads[index] ?? { first: 0, last: 0 };
      this.#source({ first: this.#lineOf(first, "first"), last: this.#lineOf(last, "last") });
    };
    writeBlock(this.#writer, this.#parts.dialect, { outlines, summary, thread, isAfterLine });
  }

  #lost(ledger: readonly LedgerEntry[]): Fault<AssemblyCode>[] {
    return ledger.flatMap((entry, i) => {
      if (this.#used.has(entry)) return [];
      const message = `Change ${i + 1} of the ledger, at ${entry.at}, is not inside one thread or one text between blocks.`;
      return [{ code: "ledger" as const, item: i + 1, at: entry.at, message }];
    });
  }
}
