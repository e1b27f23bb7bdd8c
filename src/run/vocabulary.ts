import type { Dialect } from "../core/dialect.ts";
import type { Vocabulary } from "../core/state.ts";
import type { Engine } from "../engine/engine.ts";

/** Finds out which of a dialect's markers are one token here; those that are not will be found in the text. */
export async function resolveVocabulary(dialect: Dialect, { tokenizer, tier = "ids" }: Engine): Promise<Vocabulary> {
  const markers: Record<string, number> = {};
  if (tier !== "ids") return { eos: tokenizer.eos, markers };
  for (const marker of markersOf(dialect)) {
    const ids = await tokenizer.encode(marker, { controls: "parse" });
    const [id] = ids;
    if (ids.length === 1 && id !== undefined) markers[marker] = id;
  }
  return { eos: tokenizer.eos, markers };
}

function markersOf({ markers, trigger, plan, thread, after }: Dialect): Set<string> {
  const all = new Set([...markers, ...thread.stop]);
  if (trigger.kind === "marker") all.add(trigger.marker);
  if (trigger.kind === "endOfText" && trigger.guard !== undefined) all.add(trigger.guard.marker);
  if (plan.source === "outline" && plan.after !== "") all.add(plan.after);
  if (after.kind === "phase") for (const marker of after.stop) all.add(marker);
  return all;
}
