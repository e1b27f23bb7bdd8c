import * as z from "zod";
import { checked, type Checked, type Fault } from "../fault.ts";
import { readList, type ReplyCode } from "../reply/json.ts";
import type { Needs } from "./graph.ts";

/**
 * Why needs are no graph of the steps. `unknown`: there is no such step. `missing`, `repeated`: a step is not listed, or
 * is twice. `later`: a step needs itself or a later one, so there would be circles.
 */
export type NeedsCode = "unknown" | "missing" | "repeated" | "later";

const number = z.union([
  z.int(),
  z
    .string()
    .trim()
    .regex(/^S?\d{1,9}$/i, 'expected a step such as 3 or "S3"')
    .transform((text) => Number(text.replace(/^S/i, ""))),
]);
const entry = z.object({ step: number, needs: z.array(number) });

/** Reads what each step needs from a chat answer: `[{ "step": 2, "needs": [1] }, …]`, with every step once. */
export function readNeeds(reply: string, stepCount: number): Checked<Needs, ReplyCode | NeedsCode> {
  const read = readList(reply, entry);
  if (read.value === undefined) return read;
  const faults: Fault<NeedsCode>[] = [];
  const listed = new Map<number, readonly number[]>();
  const known = (step: number) => step >= 1 && step <= stepCount;
  const add = (code: NeedsCode, item: number, message: string) => faults.push({ code, item, message });
  for (const { step, needs } of read.value) {
    if (!known(step)) add("unknown", step, `There is no step ${step}: there are steps 1 to ${stepCount}.`);
    else if (listed.has(step)) add("repeated", step, `Step ${step} is listed twice: list each step once.`);
    else listed.set(step, needs);
    for (const needed of new Set(needs)) {
      if (!known(needed)) {
        add("unknown", step, `Step ${step} needs step ${needed}: there are steps 1 to ${stepCount}.`);
      } else if (needed >= step) {
        add("later", step, `Step ${step} needs step ${needed}: a step can need only steps that come before it.`);
      }
    }
  }
  const graph = Array.from({ length: stepCount }, (_, i) => {
    const needs = listed.get(i + 1);
    if (needs === undefined)
      add("missing", i + 1, `Step ${i + 1} is not listed. List what it needs, or [] for nothing.`);
    return [...new Set(needs)].toSorted((a, b) => a - b);
  });
  return checked(graph, faults);
}
