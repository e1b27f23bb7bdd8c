import * as z from "zod";
import type { Dialect } from "../../core/dialects/schema.ts";
import { checked, refused, type Checked } from "../fault.ts";
import { targetTag } from "../layout/tags.ts";
import { readList, type ReplyCode } from "../reply/json.ts";

/** `summary`: it is empty, or has a tag of the format. */
export type SummaryCode = "summary";

/** Reads what the threads found from a chat answer: `["…"]`. Several strings become lines. */
export function readSummary(reply: string, dialect: Dialect): Checked<string, ReplyCode | SummaryCode> {
  const read = readList(reply, z.string());
  if (read.value === undefined) return read;
  const summary = read.value.join("\n").trim();
  const tag = targetTag(dialect, summary)?.marker;
  const why = summary === "" ? "is empty" : tag && `has the tag ${tag}`;
  return why === undefined ? checked(summary, []) : refused({ code: "summary", message: `The summary ${why}.` });
}
