import * as z from "zod";
import type { Checked } from "../fault.ts";
import { readList, type ReplyCode } from "../reply/json.ts";

/** An exact replacement in one thread, and its reason. An empty `new` drops the text. */
export interface Edit {
  readonly old: string;
  readonly new: string;
  readonly reason: string;
}

const edit = z.object({ old: z.string().min(1), new: z.string(), reason: z.string().trim().min(1) });

/** Reads edits from a chat answer: `[{ "old": "…", "new": "…", "reason": "…" }, …]`; `[]` for none. */
export function readEdits(reply: string): Checked<readonly Edit[], ReplyCode> {
  return readList(reply, edit);
}
