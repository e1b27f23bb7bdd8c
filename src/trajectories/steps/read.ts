import * as z from "zod";
import { checked, type Checked } from "../fault.ts";
import { readList, type ReplyCode } from "../reply/json.ts";
import type { SourceTrace } from "../trace/trace.ts";
import { withBlankLines } from "./blank-lines.ts";
import { checkSteps, type StepCode } from "./check.ts";
import type { Step } from "./step.ts";

const written = /^L?(\d{1,9})(?:\s*(?:-|–|to)\s*L?(\d{1,9}))?$/i;

/** `[3, 7]`, `"L3-L7"`, `"3 to 7"`, or `"L3"` for one line. */
const range = z.union([
  z.tuple([z.int(), z.int()]),
  z
    .string()
    .trim()
    .regex(written, 'expected lines such as "L3-L7"')
    .transform((text): [number, number] => {
      const [, first = "", last = first] = written.exec(text) ?? [];
      return [Number(first), Number(last)];
    }),
]);

const step = z
  .object({ title: z.string().trim().min(1), lines: range })
  .transform(({ title, lines: [first, last] }): Step => ({ title, first, last }));

/**
 * Reads steps from a chat answer: `[{ "title": "…", "lines": [1, 4] }, …]`. They must cover each of the lines exactly
 * once, in order; what is wrong is named with its place. Empty lines that no step has belong to the step before them.
 */
export function readSteps(
  reply: string,
  { lines }: Pick<SourceTrace, "lines">,
): Checked<readonly Step[], ReplyCode | StepCode> {
  const read = readList(reply, step);
  if (read.value === undefined) return read;
  const steps = withBlankLines(read.value, lines);
  return checked(steps, checkSteps(steps, lines.length));
}
