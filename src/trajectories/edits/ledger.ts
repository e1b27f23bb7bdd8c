import { excerpt, type Fault } from "../fault.ts";

/** A change of the source: what was taken out where, what was put in its place, and why. */
export interface LedgerEntry {
  /** Where in the text of the trace, in UTF-16 code units. */
  readonly at: number;
  readonly removed: string;
  readonly inserted: string;
  readonly reason: string;
}

export type LedgerCode = "ledger";

/** Finds entries without a reason, of a text that does not stand there, and those that change the same text. */
export function checkLedger(text: string, ledger: readonly LedgerEntry[]): Fault<LedgerCode>[] {
  const faults: Fault<LedgerCode>[] = [];
  let end = 0;
  for (const { entry, item } of ledger.map((entry, i) => ({ entry, item: i + 1 })).toSorted(byPlace)) {
    const { at, removed, reason } = entry;
    const add = (message: string) =>
      faults.push({ code: "ledger", item, at, message: `Change ${item} of the ledger, at ${at}, ${message}.` });
    if (removed === "") add("takes nothing out");
    else if (at < 0 || !text.startsWith(removed, at)) add(`takes out ${excerpt(removed)}, which does not stand there`);
    else if (at < end) add("changes what another one changes");
    if (reason.trim() === "") add("has no reason");
    end = Math.max(end, at + removed.length);
  }
  return faults;
}

function byPlace(a: { entry: LedgerEntry }, b: { entry: LedgerEntry }): number {
  return a.entry.at - b.entry.at;
}

/** A part of the source with the changes of the ledger that lie in it. */
export function changed(text: string, ledger: readonly LedgerEntry[], from: number, to: number): string {
  let result = "";
  let at = from;
  for (const entry of ledger.toSorted((a, b) => a.at - b.at)) {
    const end = entry.at + entry.removed.length;
    if (entry.at < at || end > to) continue;
    result += text.slice(at, entry.at) + entry.inserted;
    at = end;
  }
  return result + text.slice(at, to);
}
