import type { Dialect } from "./schema.ts";

/**
 * Every marker that a dialect names, without duplicates: the tags of its format, and all that starts or stops a
 * sequence.
 */
export function markersOf({ markers, thinkingEnd, trigger, plan, thread, after }: Dialect): string[] {
  const all = [...markers, ...thread.stop];
  if (thinkingEnd !== undefined) all.push(thinkingEnd);
  if (trigger.kind === "marker") all.push(trigger.marker);
  if (trigger.kind === "endOfText") all.push(trigger.lastLine, trigger.guard?.marker ?? "");
  if (plan.source === "outline") all.push(plan.after, ...(plan.tags ?? []));
  if (after.kind === "phase") all.push(...after.stop);
  return [...new Set(all)].filter((marker) => marker !== "");
}
