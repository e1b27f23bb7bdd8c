import type { Dialect } from "../../core/dialects/schema.ts";
import { checked, excerpt, named, type Checked, type Fault, type LineRange } from "../fault.ts";
import { targetTag } from "../layout/tags.ts";
import { lineStarts, spanOf, type SourceTrace } from "../trace/trace.ts";
import { changed, type LedgerEntry } from "./ledger.ts";
import type { Edit } from "./read.ts";

/**
 * Why edits are refused. `too-many`, `too-large`: more than is allowed. `not-found`, `ambiguous`: the old text is not there,
 * or more than once. `overlap`: two edits change the same text. `no-change`: nothing to look for, or the old text and the
 * new one are equal. `no-reason`: the reason is empty. `tags`: a tag of the format comes of it. `nothing-left`: the thread
 * would be empty.
 */
export type EditCode =
  | "too-many"
  | "too-large"
  | "not-found"
  | "ambiguous"
  | "overlap"
  | "no-change"
  | "no-reason"
  | "tags"
  | "nothing-left";

export interface EditOptions {
  /** The target format. */
  readonly dialect: Dialect;
  /** The most edits of one thread. @defaultValue 12 */
  readonly maxEdits?: number | undefined;
  /** The most characters that are taken out, and that are put in, as a share of the thread. @defaultValue 0.3 */
  readonly maxShare?: number | undefined;
}

/**
 * Applies edits to the lines of one thread. All of them are looked for in the source, so their order does not matter.
 * Returns the entries for the ledger.
 */
export function applyEdits(
  trace: SourceTrace,
  lines: LineRange,
  edits: readonly Edit[],
  options: EditOptions,
): Checked<readonly LedgerEntry[], EditCode> {
  const { dialect, maxEdits = 12, maxShare = 0.3 } = options;
  const { from, to } = spanOf(lineStarts(trace), lines);
  const text = trace.text.slice(from, to);
  const faults: Fault<EditCode>[] = [];
  const add = (code: EditCode, message: string, item?: number) => faults.push({ code, message, item, lines });
  if (edits.length > maxEdits) {
    add("too-many", `There are ${edits.length} edits of ${named(lines)}: at most ${maxEdits} are allowed.`);
  }
  const entries = edits.flatMap((edit, i): (LedgerEntry & { item: number })[] => {
    const item = i + 1;
    const found = findOnce(text, edit);
    if (typeof found !== "number") {
      add(found.code, `Edit ${item} ${found.message}`, item);
      return [];
    }
    return [{ at: from + found, removed: edit.old, inserted: edit.new, reason: edit.reason, item }];
  });
  const sorted = entries.toSorted((a, b) => a.at - b.at);
  for (const [i, entry] of sorted.entries()) {
    const before = sorted[i - 1];
    if (before === undefined || before.at + before.removed.length <= entry.at) continue;
    add("overlap", `Edits ${before.item} and ${entry.item} change the same text: make one edit of them.`, entry.item);
  }
  if (faults.length > 0) return checked([], faults);
  const ledger = sorted.map(({ at, removed, inserted, reason }) => ({ at, removed, inserted, reason }));
  const result = changed(trace.text, ledger, from, to);
  const size = (part: "removed" | "inserted") => ledger.reduce((sum, entry) => sum + entry[part].length, 0);
  const most = Math.floor(maxShare * text.length);
  const largest = Math.max(size("removed"), size("inserted"));
  if (largest > most) {
    add("too-large", `The edits change ${largest} characters of ${named(lines)}: at most ${most} are allowed.`);
  }
  const tag = targetTag(dialect, result);
  if (tag !== undefined) add("tags", `The edits put ${tag.marker} into ${named(lines)}, a tag of the format.`);
  if (result.trim() === "" && text.trim() !== "") add("nothing-left", `The edits leave nothing of ${named(lines)}.`);
  return checked(ledger, faults);
}

function findOnce(text: string, edit: Edit): number | { code: EditCode; message: string } {
  const what = excerpt(edit.old);
  if (edit.old === "") return { code: "no-change", message: "has no old text to look for." };
  if (edit.old === edit.new) return { code: "no-change", message: `replaces ${what} by itself.` };
  if (edit.reason.trim() === "") return { code: "no-reason", message: `of ${what} has no reason. Give one.` };
  const at = text.indexOf(edit.old);
  if (at < 0) return { code: "not-found", message: `looks for ${what}, which is not in the thread. Copy it exactly.` };
  if (text.indexOf(edit.old, at + 1) < 0) return at;
  return {
    code: "ambiguous",
    message: `looks for ${what}, which is in the thread more than once. Take more around it.`,
  };
}
