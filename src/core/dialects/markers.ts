import type { Dialect } from "./schema.ts";
import { fill, placeholders } from "./template.ts";

/** The markers that end a thread. `index`: its place in the plan, from 1. */
export function threadStops({ thread }: Pick<Dialect, "thread">, index: string): string[] {
  return thread.stop.map((stop) => fill(stop, { index }));
}

/** The markers that end any thread: all that a templated stop marker stands for. */
export function allThreadStops({ thread, plan }: Pick<Dialect, "thread" | "plan">): string[] {
  const count = plan.source === "fixed" ? plan.count : 1;
  return [...new Set(Array.from({ length: count }, (_, i) => threadStops({ thread }, `${i + 1}`)).flat())];
}

/** What no thread may write, whatever its siblings are. */
function fixedEndBefore({ thread }: Pick<Dialect, "thread">): string[] {
  return (thread.endBefore ?? []).filter((text) => placeholders(text).length === 0);
}

/** Before what a thread ends, with siblings of these captures. */
export function endBeforeOf(
  { thread }: Pick<Dialect, "thread">,
  siblings: readonly Readonly<Record<string, string>>[],
): string[] {
  const ofSiblings = (thread.endBefore ?? [])
    .filter((text) => placeholders(text).length > 0)
    .flatMap((text) => siblings.map((captures) => fill(text, captures)));
  return [...new Set([...fixedEndBefore({ thread }), ...ofSiblings])];
}

/**
 * Every marker that a dialect names, without duplicates: the tags of its format, and all that starts or stops a
 * sequence.
 */
export function markersOf({ markers, thinkingEnd, trigger, plan, thread, after }: Dialect): string[] {
  const all = [...markers, ...allThreadStops({ thread, plan }), ...fixedEndBefore({ thread })];
  if (thinkingEnd !== undefined) all.push(thinkingEnd);
  if (trigger.kind === "marker") all.push(trigger.marker);
  if (trigger.kind === "endOfText") all.push(trigger.lastLine, trigger.guard?.marker ?? "");
  if (plan.source === "outline") all.push(plan.after, ...(plan.tags ?? []));
  if (after.kind === "phase") all.push(...after.stop);
  return [...new Set(all)].filter((marker) => marker !== "");
}
