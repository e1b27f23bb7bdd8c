import * as z from "zod";
import { checked, type Checked, type Fault, type LineRange } from "../fault.ts";
import { readList, type ReplyCode } from "../reply/json.ts";
import type { SourceTrace } from "../trace/trace.ts";
import { applyEdits, type EditCode, type EditOptions } from "./apply.ts";
import type { LedgerEntry } from "./ledger.ts";

/** `thread`: there is no such thread. */
export type ThreadEditCode = ReplyCode | EditCode | "thread";

const edit = z.object({
  thread: z.union([
    z.int(),
    z
      .string()
      .regex(/^\d{1,4}$/, "expected a number such as 2")
      .transform(Number),
  ]),
  old: z.string().min(1),
  new: z.string(),
  reason: z.string().trim().min(1),
});

/**
 * Reads edits of several threads from a chat answer, `[{ "thread": 2, "old": "…", "new": "…", "reason": "…" }, …]`, and
 * applies them. Returns the entries for the ledger.
 *
 * @param threads the lines of each thread.
 */
export function editThreads(
  reply: string,
  trace: SourceTrace,
  threads: readonly LineRange[],
  options: EditOptions,
): Checked<readonly LedgerEntry[], ThreadEditCode> {
  const read = readList(reply, edit);
  if (read.value === undefined) return read;
  const faults: Fault<ThreadEditCode>[] = [];
  for (const [i, { thread }] of read.value.entries()) {
    if (thread >= 1 && thread <= threads.length) continue;
    const message = `Change ${i + 1} is of thread ${thread}: there are threads 1 to ${threads.length}.`;
    faults.push({ code: "thread", item: i + 1, message });
  }
  const edits = read.value;
  const ledger = threads.flatMap((lines, i) => {
    const own = edits.filter(({ thread }) => thread === i + 1);
    const applied = applyEdits(trace, lines, own, options);
    for (const fault of applied.faults) faults.push({ ...fault, message: `Thread ${i + 1}: ${fault.message}` });
    return applied.value ?? [];
  });
  return checked(ledger, faults);
}
